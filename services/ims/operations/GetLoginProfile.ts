import * as contract from '@pileus/contract/generated/ims'
import * as ram from '@pileus/contract/generated/ram'
import { read } from '../operation.ts'
import { parseUserName, userResource } from '../user-names.ts'

/** How a user signs in to the console. */
export const GetLoginProfile = read(contract.GetLoginProfile, {
  permission: 'ims:GetLoginProfile',
  resources: userResource,
  places: 'nowhere',
  scope: 'global',
  async run(ctx, request) {
    const { UserPrincipalName } = request
    const UserName = await parseUserName(ctx, UserPrincipalName)
    const { LoginProfile } = await ctx.ram.run(ram.GetLoginProfile, ctx, { UserName })
    return { LoginProfile: { ...LoginProfile, UserPrincipalName, Status: 'Active' } }
  },
})
