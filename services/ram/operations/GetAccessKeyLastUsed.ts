import * as contract from '@pileus/contract/generated/ram'
import { isoSeconds } from '@pileus/kernel/clock'
import { apiError } from '@pileus/kernel/errors'
import { requireParameter } from '../domain/parameters.ts'
import { getKeyOwner } from '../entities.ts'
import { ramErrors } from '../errors.ts'
import { read } from '../operation.ts'
import { listAccessKeys } from '../tables/access-keys.ts'

/** When a key last signed an authorized request; empty when it never did. */
export const GetAccessKeyLastUsed = read(contract.GetAccessKeyLastUsed, {
  permission: 'ram:GetAccessKeyLastUsed',
  resources: (request) => [request.UserName ? `user/${request.UserName}` : 'user/*'],
  places: 'nowhere',
  scope: 'global',
  async run(ctx, request) {
    const accessKeyId = requireParameter('UserAccessKeyId', request.UserAccessKeyId)
    const keys = await listAccessKeys(ctx.db, await getKeyOwner(ctx, request.UserName))
    const key = keys.find((one) => one.accessKeyId === accessKeyId)
    if (!key) throw apiError(ramErrors['EntityNotExist.User.AccessKey'], { accessKeyId })
    const at = ctx.keyUses.find(accessKeyId) ?? key.lastUsedAt
    return { AccessKeyLastUsed: { LastUsedDate: at ? isoSeconds(at) : '' } }
  },
})
