import * as contract from '@pileus/contract/generated/ims'
import * as ram from '@pileus/contract/generated/ram'
import { write } from '../operation.ts'
import { parseUserName, refuseInactive, userResource } from '../user-names.ts'

/** Changes what is given of how a user signs in. */
export const UpdateLoginProfile = write(contract.UpdateLoginProfile, {
  permission: 'ims:UpdateLoginProfile',
  resources: userResource,
  places: 'nowhere',
  scope: 'global',
  async run(ctx, request) {
    refuseInactive(request.Status)
    const { UserPrincipalName, Password, PasswordResetRequired, MFABindRequired } = request
    const UserName = await parseUserName(ctx, UserPrincipalName)
    await ctx.ram.run(ram.UpdateLoginProfile, ctx, { UserName, Password, PasswordResetRequired, MFABindRequired })
    const { LoginProfile } = await ctx.ram.run(ram.GetLoginProfile, ctx, { UserName })
    return { LoginProfile: { ...LoginProfile, UserPrincipalName, Status: 'Active' } }
  },
})
