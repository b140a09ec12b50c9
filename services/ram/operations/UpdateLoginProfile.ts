import * as contract from '@pileus/contract/generated/ram'
import { apiError } from '@pileus/kernel/errors'
import { parsePassword } from '../domain/parameters.ts'
import { hashPassword } from '../domain/passwords.ts'
import { getUser } from '../entities.ts'
import { ramErrors } from '../errors.ts'
import { write } from '../operation.ts'
import { findLoginProfile, updateLoginProfile } from '../tables/login-profiles.ts'

/** Changes what is given of how a user signs in to the console. */
export const UpdateLoginProfile = write(contract.UpdateLoginProfile, {
  permission: 'ram:UpdateLoginProfile',
  resources: (request) => [`user/${request.UserName}`],
  places: 'nowhere',
  scope: 'global',
  async run(ctx, request) {
    const password = request.Password ? parsePassword(request.Password) : undefined
    const user = await getUser(ctx, request.UserName, 'update')
    const profile = await findLoginProfile(ctx.db, user.user_id)
    if (!profile) throw apiError(ramErrors['EntityNotExist.User.LoginProfile'], { name: user.user_name })
    await updateLoginProfile(ctx.db, {
      ...profile,
      password_hash: password === undefined ? profile.password_hash : await hashPassword(password),
      mfa_bind_required: request.MFABindRequired ?? profile.mfa_bind_required,
      password_reset_required: request.PasswordResetRequired ?? profile.password_reset_required,
    })
    return {}
  },
})
