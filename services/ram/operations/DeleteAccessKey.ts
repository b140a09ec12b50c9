import * as contract from '@pileus/contract/generated/ram'
import { apiError } from '@pileus/kernel/errors'
import { requireParameter } from '../domain/parameters.ts'
import { getKeyOwner } from '../entities.ts'
import { ramErrors } from '../errors.ts'
import { announceChange, write } from '../operation.ts'
import { deleteAccessKey } from '../tables/access-keys.ts'

/** Deletes an access key; it is refused at once. */
export const DeleteAccessKey = write(contract.DeleteAccessKey, {
  permission: 'ram:DeleteAccessKey',
  resources: (request) => [request.UserName ? `user/${request.UserName}` : 'user/*'],
  places: 'nowhere',
  scope: 'global',
  async run(ctx, request) {
    const accessKeyId = requireParameter('UserAccessKeyId', request.UserAccessKeyId)
    const owner = await getKeyOwner(ctx, request.UserName)
    if (!(await deleteAccessKey(ctx.db, owner, accessKeyId))) {
      throw apiError(ramErrors['EntityNotExist.User.AccessKey'], { accessKeyId })
    }
    await announceChange(ctx)
    return {}
  },
})
