import * as contract from '@pileus/contract/generated/kms'
import { apiError } from '@pileus/kernel/errors'
import { keyResource, parseAliasName } from '../domain/key-ref.ts'
import { kmsErrors } from '../errors.ts'
import { getKey, refusePendingDeletion, refuseServiceKey } from '../keys.ts'
import { write } from '../operation.ts'
import { moveAlias } from '../tables/aliases.ts'

/** Lets an alias name another key. */
export const UpdateAlias = write(contract.UpdateAlias, {
  permission: 'kms:UpdateAlias',
  resources: (request) => [request.AliasName, keyResource(request.KeyId)],
  places: 'nowhere',
  async run(ctx, request) {
    const aliasName = parseAliasName(request.AliasName)
    const key = await getKey(ctx, request.KeyId)
    refuseServiceKey(key)
    refusePendingDeletion(key)
    if (!(await moveAlias(ctx.db, ctx, aliasName, key.key_id))) {
      throw apiError(kmsErrors['Forbidden.AliasNotFound'], { aliasName })
    }
    return {}
  },
})
