import * as contract from '@pileus/contract/generated/ims'
import * as ram from '@pileus/contract/generated/ram'
import { read } from '../operation.ts'

/** How users of the account may sign in, and what they may do about themselves. */
export const GetSecurityPreference = read(contract.GetSecurityPreference, {
  permission: 'ims:GetSecurityPreference',
  places: 'nowhere',
  scope: 'global',
  async run(ctx) {
    return await ctx.ram.run(ram.GetSecurityPreference, ctx, {})
  },
})
