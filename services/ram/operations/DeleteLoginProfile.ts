import * as contract from '@pileus/contract/generated/ram'
import { apiError } from '@pileus/kernel/errors'
import { getUser } from '../entities.ts'
import { ramErrors } from '../errors.ts'
import { write } from '../operation.ts'
import { deleteLoginProfile } from '../tables/login-profiles.ts'

/** Ends a user's way into the console; access keys stay. */
export const DeleteLoginProfile = write(contract.DeleteLoginProfile, {
  permission: 'ram:DeleteLoginProfile',
  resources: (request) => [`user/${request.UserName}`],
  places: 'nowhere',
  scope: 'global',
  async run(ctx, request) {
    const user = await getUser(ctx, request.UserName)
    if (!(await deleteLoginProfile(ctx.db, user.user_id))) {
      throw apiError(ramErrors['EntityNotExist.User.LoginProfile'], { name: user.user_name })
    }
    return {}
  },
})
