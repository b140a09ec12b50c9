import * as contract from '@pileus/contract/generated/ram'
import { isoSeconds } from '@pileus/kernel/clock'
import { apiError } from '@pileus/kernel/errors'
import { createKey } from '../accounts.ts'
import { limits } from '../domain/limits.ts'
import { getKeyOwner } from '../entities.ts'
import { ramErrors } from '../errors.ts'
import { write } from '../operation.ts'
import { listAccessKeys } from '../tables/access-keys.ts'
import { lockAccount } from '../tables/accounts.ts'

/** Makes an access key for a user or for the caller; the secret is shown this once. */
export const CreateAccessKey = write(contract.CreateAccessKey, {
  permission: 'ram:CreateAccessKey',
  resources: (request) => [request.UserName ? `user/${request.UserName}` : 'user/*'],
  places: 'nowhere',
  scope: 'global',
  async run(ctx, request) {
    const owner = await getKeyOwner(ctx, request.UserName, 'update')
    if (owner.userId === undefined) await lockAccount(ctx.db, ctx.accountId)
    const keys = await listAccessKeys(ctx.db, owner)
    if (keys.length >= limits.accessKeysPerOwner) {
      throw apiError(ramErrors['LimitExceeded.User.AccessKey'], { limit: limits.accessKeysPerOwner })
    }
    const key = await createKey(ctx.db, ctx.secretBox, owner, ctx.clock)
    return {
      AccessKey: {
        AccessKeyId: key.accessKeyId,
        AccessKeySecret: key.accessKeySecret,
        Status: 'Active',
        CreateDate: isoSeconds(key.createdAt),
      },
    }
  },
})
