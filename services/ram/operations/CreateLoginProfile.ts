import * as contract from '@pileus/contract/generated/ram'
import { apiError } from '@pileus/kernel/errors'
import { describeLoginProfile } from '../answers.ts'
import { parsePassword } from '../domain/parameters.ts'
import { hashPassword } from '../domain/passwords.ts'
import { getUser } from '../entities.ts'
import { ramErrors } from '../errors.ts'
import { write } from '../operation.ts'
import { insertLoginProfile } from '../tables/login-profiles.ts'

/** Gives a user a password for the console; only its hash is kept. */
export const CreateLoginProfile = write(contract.CreateLoginProfile, {
  permission: 'ram:CreateLoginProfile',
  resources: (request) => [`user/${request.UserName}`],
  places: 'nowhere',
  scope: 'global',
  async run(ctx, request) {
    const password = parsePassword(request.Password)
    const user = await getUser(ctx, request.UserName, 'share')
    const profile = {
      user_id: user.user_id,
      password_hash: await hashPassword(password),
      mfa_bind_required: request.MFABindRequired ?? false,
      password_reset_required: request.PasswordResetRequired ?? false,
      created_at: ctx.clock.now(),
    }
    if (!(await insertLoginProfile(ctx.db, profile))) {
      throw apiError(ramErrors['EntityAlreadyExists.User.LoginProfile'], { name: user.user_name })
    }
    return { LoginProfile: describeLoginProfile(user.user_name, profile) }
  },
})
