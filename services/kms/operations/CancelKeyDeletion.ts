import * as contract from '@pileus/contract/generated/kms'
import { apiError } from '@pileus/kernel/errors'
import { keyResource } from '../domain/key-ref.ts'
import { kmsErrors } from '../errors.ts'
import { getKey } from '../keys.ts'
import { write } from '../operation.ts'
import { findKeyVersion, updateKey } from '../tables/keys.ts'

/** Keeps a key whose deletion was scheduled. It can be used again at once. */
export const CancelKeyDeletion = write(contract.CancelKeyDeletion, {
  permission: 'kms:CancelKeyDeletion',
  resources: (request) => [keyResource(request.KeyId)],
  places: 'nowhere',
  async run(ctx, request) {
    const key = await getKey(ctx, request.KeyId, { lock: 'update' })
    if (key.state !== 'PendingDeletion') {
      throw apiError(kmsErrors['Rejected.Unavailable'], { keyId: key.key_id, state: key.state })
    }
    const version = await findKeyVersion(ctx.db, key.key_id, key.primary_version_id)
    const state = version?.sealed_material ? 'Enabled' : 'PendingImport'
    await updateKey(ctx.db, key.key_id, { state, delete_at: null })
    return {}
  },
})
