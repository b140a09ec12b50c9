import * as contract from '@pileus/contract/generated/kms'
import { apiError } from '@pileus/kernel/errors'
import { keyResource } from '../domain/key-ref.ts'
import { kmsErrors } from '../errors.ts'
import { getKey, refusePendingDeletion, refuseServiceKey } from '../keys.ts'
import { write } from '../operation.ts'
import { updateKey } from '../tables/keys.ts'

/** Lets a disabled key be used again. */
export const EnableKey = write(contract.EnableKey, {
  permission: 'kms:EnableKey',
  resources: (request) => [keyResource(request.KeyId)],
  places: 'nowhere',
  async run(ctx, request) {
    const key = await getKey(ctx, request.KeyId, { lock: 'update' })
    refuseServiceKey(key)
    refusePendingDeletion(key)
    if (key.state === 'PendingImport') throw apiError(kmsErrors['Rejected.PendingImport'], { keyId: key.key_id })
    await updateKey(ctx.db, key.key_id, { state: 'Enabled' })
    return {}
  },
})
