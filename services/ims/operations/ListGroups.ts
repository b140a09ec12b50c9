import * as contract from '@pileus/contract/generated/ims'
import * as ram from '@pileus/contract/generated/ram'
import { read } from '../operation.ts'

/** Groups of the account, oldest first. */
export const ListGroups = read(contract.ListGroups, {
  permission: 'ims:ListGroups',
  resources: () => ['group/*'],
  places: 'nowhere',
  scope: 'global',
  async run(ctx, request) {
    return await ctx.ram.run(ram.ListGroups, ctx, request)
  },
})
