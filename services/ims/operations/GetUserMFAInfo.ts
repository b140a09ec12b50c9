import * as contract from '@pileus/contract/generated/ims'
import * as ram from '@pileus/contract/generated/ram'
import { read } from '../operation.ts'
import { parseUserName, userResource } from '../user-names.ts'

/** The MFA device of a user. */
export const GetUserMFAInfo = read(contract.GetUserMFAInfo, {
  permission: 'ims:GetUserMFAInfo',
  resources: userResource,
  places: 'nowhere',
  scope: 'global',
  async run(ctx, request) {
    const UserName = await parseUserName(ctx, request.UserPrincipalName)
    const { MFADevice } = await ctx.ram.run(ram.GetUserMFAInfo, ctx, { UserName })
    return { IsMFAEnable: true, MFADevice }
  },
})
