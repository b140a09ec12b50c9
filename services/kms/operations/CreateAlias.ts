import * as contract from '@pileus/contract/generated/kms'
import { apiError } from '@pileus/kernel/errors'
import { keyResource, parseAliasName } from '../domain/key-ref.ts'
import { kmsErrors } from '../errors.ts'
import { getKey, refusePendingDeletion, refuseServiceKey } from '../keys.ts'
import { write } from '../operation.ts'
import { insertAlias } from '../tables/aliases.ts'

/** Gives a key a name, of which the region has only one. */
export const CreateAlias = write(contract.CreateAlias, {
  permission: 'kms:CreateAlias',
  resources: (request) => [request.AliasName, keyResource(request.KeyId)],
  places: 'nowhere',
  async run(ctx, request) {
    const aliasName = parseAliasName(request.AliasName)
    const key = await getKey(ctx, request.KeyId)
    refuseServiceKey(key)
    refusePendingDeletion(key)
    if (!(await insertAlias(ctx.db, ctx, aliasName, key.key_id))) {
      throw apiError(kmsErrors['Rejected.ResourceExist'], { resource: 'alias', name: aliasName })
    }
    return {}
  },
})
