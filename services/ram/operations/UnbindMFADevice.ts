import * as contract from '@pileus/contract/generated/ram'
import { apiError } from '@pileus/kernel/errors'
import { getUser } from '../entities.ts'
import { ramErrors } from '../errors.ts'
import { write } from '../operation.ts'

/** Takes the MFA device from a user. This cloud binds none, so no user has one. */
export const UnbindMFADevice = write(contract.UnbindMFADevice, {
  permission: 'ram:UnbindMFADevice',
  resources: (request) => [`user/${request.UserName}`],
  places: 'nowhere',
  scope: 'global',
  async run(ctx, request) {
    const user = await getUser(ctx, request.UserName)
    throw apiError(ramErrors['EntityNotExist.User.MFADevice'], { name: user.user_name })
  },
})
