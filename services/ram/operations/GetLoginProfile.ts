import * as contract from '@pileus/contract/generated/ram'
import { apiError } from '@pileus/kernel/errors'
import { describeLoginProfile } from '../answers.ts'
import { getUser } from '../entities.ts'
import { ramErrors } from '../errors.ts'
import { read } from '../operation.ts'
import { findLoginProfile } from '../tables/login-profiles.ts'

/** How a user signs in to the console. */
export const GetLoginProfile = read(contract.GetLoginProfile, {
  permission: 'ram:GetLoginProfile',
  resources: (request) => [`user/${request.UserName}`],
  places: 'nowhere',
  scope: 'global',
  async run(ctx, request) {
    const user = await getUser(ctx, request.UserName)
    const profile = await findLoginProfile(ctx.db, user.user_id)
    if (!profile) throw apiError(ramErrors['EntityNotExist.User.LoginProfile'], { name: user.user_name })
    return { LoginProfile: describeLoginProfile(user.user_name, profile) }
  },
})
