import * as contract from '@pileus/contract/generated/ims'
import * as ram from '@pileus/contract/generated/ram'
import { write } from '../operation.ts'
import { parseUserName, refuseInactive, userResource } from '../user-names.ts'

/** Gives a user a password for the console; only its hash is kept. */
export const CreateLoginProfile = write(contract.CreateLoginProfile, {
  permission: 'ims:CreateLoginProfile',
  resources: userResource,
  places: 'nowhere',
  scope: 'global',
  async run(ctx, request) {
    refuseInactive(request.Status)
    const { UserPrincipalName, Password, PasswordResetRequired, MFABindRequired } = request
    const UserName = await parseUserName(ctx, UserPrincipalName)
    const asked = { UserName, Password, PasswordResetRequired, MFABindRequired }
    const { LoginProfile } = await ctx.ram.run(ram.CreateLoginProfile, ctx, asked)
    return { LoginProfile: { ...LoginProfile, UserPrincipalName, Status: 'Active' } }
  },
})
