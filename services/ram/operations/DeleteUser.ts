import * as contract from '@pileus/contract/generated/ram'
import { apiError } from '@pileus/kernel/errors'
import { getUser } from '../entities.ts'
import { ramErrors } from '../errors.ts'
import { announceChange, write } from '../operation.ts'
import { listAccessKeys } from '../tables/access-keys.ts'
import { listAttachedPolicies } from '../tables/attachments.ts'
import { listGroupsOfUser } from '../tables/groups.ts'
import { findLoginProfile } from '../tables/login-profiles.ts'
import { findMfaDeviceOfUser } from '../tables/mfa-devices.ts'
import { deleteUser } from '../tables/users.ts'

/** Deletes a user who has nothing left. */
export const DeleteUser = write(contract.DeleteUser, {
  permission: 'ram:DeleteUser',
  resources: (request) => [`user/${request.UserName}`],
  places: 'nowhere',
  scope: 'global',
  async run(ctx, request) {
    const user = await getUser(ctx, request.UserName, 'update')
    const facts = { name: user.user_name }
    const keys = await listAccessKeys(ctx.db, { accountId: ctx.accountId, userId: user.user_id })
    if (keys.length > 0) throw apiError(ramErrors['DeleteConflict.User.AccessKey'], facts)
    const groups = await listGroupsOfUser(ctx.db, user.user_id)
    if (groups.length > 0) throw apiError(ramErrors['DeleteConflict.User.Group'], facts)
    const policies = await listAttachedPolicies(ctx.db, user.user_id)
    if (policies.length > 0) throw apiError(ramErrors['DeleteConflict.User.Policy'], facts)
    const profile = await findLoginProfile(ctx.db, user.user_id)
    if (profile) throw apiError(ramErrors['DeleteConflict.User.LoginProfile'], facts)
    const device = await findMfaDeviceOfUser(ctx.db, user.user_id)
    if (device) throw apiError(ramErrors['DeleteConflict.User.MFADevice'], facts)
    await deleteUser(ctx.db, user.user_id)
    await announceChange(ctx)
    return {}
  },
})
