import * as contract from '@pileus/contract/generated/ram'
import { apiError } from '@pileus/kernel/errors'
import { requireParameter } from '../domain/parameters.ts'
import { getKeyOwner } from '../entities.ts'
import { ramErrors } from '../errors.ts'
import { announceChange, write } from '../operation.ts'
import { setAccessKeyStatus } from '../tables/access-keys.ts'

/** Enables or disables an access key; a disabled one is refused at once. */
export const UpdateAccessKey = write(contract.UpdateAccessKey, {
  permission: 'ram:UpdateAccessKey',
  resources: (request) => [request.UserName ? `user/${request.UserName}` : 'user/*'],
  places: 'nowhere',
  scope: 'global',
  async run(ctx, request) {
    const accessKeyId = requireParameter('UserAccessKeyId', request.UserAccessKeyId)
    const status = requireParameter('Status', request.Status)
    if (status !== 'Active' && status !== 'Inactive') {
      throw apiError(ramErrors['InvalidParameter.UserAccessKeyStatus'], { value: status })
    }
    const owner = await getKeyOwner(ctx, request.UserName)
    if (!(await setAccessKeyStatus(ctx.db, owner, accessKeyId, status))) {
      throw apiError(ramErrors['EntityNotExist.User.AccessKey'], { accessKeyId })
    }
    await announceChange(ctx)
    return {}
  },
})
