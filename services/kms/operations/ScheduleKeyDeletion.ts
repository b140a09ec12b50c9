import * as contract from '@pileus/contract/generated/kms'
import { apiError } from '@pileus/kernel/errors'
import { say } from '@pileus/kernel/messages/text'
import { keyResource } from '../domain/key-ref.ts'
import { invalid } from '../domain/parameters.ts'
import { kmsErrors } from '../errors.ts'
import { getKey, refusePendingDeletion, refuseServiceKey } from '../keys.ts'
import { write } from '../operation.ts'
import { updateKey } from '../tables/keys.ts'

/** After 7 to 366 days the key is gone, and what was encrypted under it is lost. */
export const ScheduleKeyDeletion = write(contract.ScheduleKeyDeletion, {
  permission: 'kms:ScheduleKeyDeletion',
  resources: (request) => [keyResource(request.KeyId)],
  places: 'nowhere',
  async run(ctx, request) {
    const days = request.PendingWindowInDays
    if (!Number.isInteger(days) || days < 7 || days > 366) {
      throw invalid('PendingWindowInDays', say`it must be 7 to 366, and is ${days}.`)
    }
    const key = await getKey(ctx, request.KeyId, { lock: 'update' })
    refuseServiceKey(key)
    refusePendingDeletion(key)
    if (key.is_protected) {
      const note = key.protection_note || 'switch that off with SetDeletionProtection first.'
      throw apiError(kmsErrors['Forbidden.ProtectedResource'], { keyId: key.key_id, note })
    }
    const deleteAt = new Date(ctx.clock.now().getTime() + days * 86_400_000)
    await updateKey(ctx.db, key.key_id, { state: 'PendingDeletion', delete_at: deleteAt })
    return {}
  },
})
