import * as contract from '@pileus/contract/generated/ram'
import { apiError } from '@pileus/kernel/errors'
import { getUser } from '../entities.ts'
import { ramErrors } from '../errors.ts'
import { read } from '../operation.ts'

/** The MFA device of a user. This cloud binds none, so no user has one. */
export const GetUserMFAInfo = read(contract.GetUserMFAInfo, {
  permission: 'ram:GetUserMFAInfo',
  resources: (request) => [`user/${request.UserName}`],
  places: 'nowhere',
  scope: 'global',
  async run(ctx, request) {
    const user = await getUser(ctx, request.UserName)
    throw apiError(ramErrors['EntityNotExist.User.MFADevice'], { name: user.user_name })
  },
})
