import * as contract from '@pileus/contract/generated/kms'
import { keyResource } from '../domain/key-ref.ts'
import { parseDescription } from '../domain/parameters.ts'
import { getKey, refusePendingDeletion } from '../keys.ts'
import { write } from '../operation.ts'
import { updateKey } from '../tables/keys.ts'

/** Changes what is said about a key. */
export const UpdateKeyDescription = write(contract.UpdateKeyDescription, {
  permission: 'kms:UpdateKeyDescription',
  resources: (request) => [keyResource(request.KeyId)],
  places: 'nowhere',
  async run(ctx, request) {
    const description = parseDescription(request.Description)
    const key = await getKey(ctx, request.KeyId, { lock: 'update' })
    refusePendingDeletion(key)
    await updateKey(ctx.db, key.key_id, { description })
    return {}
  },
})
