import * as contract from '@pileus/contract/generated/kms'
import { apiError } from '@pileus/kernel/errors'
import { keyResource } from '../domain/key-ref.ts'
import { kmsErrors } from '../errors.ts'
import { getKey, refusePendingDeletion, refuseServiceKey } from '../keys.ts'
import { write } from '../operation.ts'
import { updateKey } from '../tables/keys.ts'

/** From the answer on nothing is encrypted, decrypted or signed with the key. */
export const DisableKey = write(contract.DisableKey, {
  permission: 'kms:DisableKey',
  resources: (request) => [keyResource(request.KeyId)],
  places: 'nowhere',
  async run(ctx, request) {
    const key = await getKey(ctx, request.KeyId, { lock: 'update' })
    refuseServiceKey(key)
    refusePendingDeletion(key)
    if (key.state === 'PendingImport') throw apiError(kmsErrors['Rejected.PendingImport'], { keyId: key.key_id })
    await updateKey(ctx.db, key.key_id, { state: 'Disabled' })
    return {}
  },
})
