import * as contract from '@pileus/contract/generated/ram'
import { isoSeconds } from '@pileus/kernel/clock'
import { getKeyOwner } from '../entities.ts'
import { read } from '../operation.ts'
import { listAccessKeys } from '../tables/access-keys.ts'

/** Access keys of a user or of the caller, oldest first. */
export const ListAccessKeys = read(contract.ListAccessKeys, {
  permission: 'ram:ListAccessKeys',
  resources: (request) => [request.UserName ? `user/${request.UserName}` : 'user/*'],
  places: 'nowhere',
  scope: 'global',
  async run(ctx, request) {
    const keys = await listAccessKeys(ctx.db, await getKeyOwner(ctx, request.UserName))
    const described = keys.map((key) => ({
      AccessKeyId: key.accessKeyId,
      Status: key.status,
      CreateDate: isoSeconds(key.createdAt),
    }))
    return { AccessKeys: { AccessKey: described } }
  },
})
