import * as contract from '@pileus/contract/generated/kms'
import { apiError } from '@pileus/kernel/errors'
import { say } from '@pileus/kernel/messages/text'
import { keyResource } from '../domain/key-ref.ts'
import { invalid, parseRotationSeconds } from '../domain/parameters.ts'
import { kmsErrors } from '../errors.ts'
import { getKey, refusePendingDeletion, refuseServiceKey } from '../keys.ts'
import { write } from '../operation.ts'
import { updateKey } from '../tables/keys.ts'

/** Switches automatic rotation of a symmetric key on or off. */
export const UpdateRotationPolicy = write(contract.UpdateRotationPolicy, {
  permission: 'kms:UpdateRotationPolicy',
  resources: (request) => [keyResource(request.KeyId)],
  places: 'nowhere',
  async run(ctx, request) {
    const key = await getKey(ctx, request.KeyId, { lock: 'update' })
    refuseServiceKey(key)
    refusePendingDeletion(key)
    if (key.key_spec !== 'Aliyun_AES_256' || key.origin !== 'Aliyun_KMS') {
      const reason = 'only keys of spec Aliyun_AES_256 and origin Aliyun_KMS rotate automatically.'
      throw apiError(kmsErrors.UnsupportedOperation, { reason })
    }
    if (!request.EnableAutomaticRotation) {
      await updateKey(ctx.db, key.key_id, { rotation_seconds: null, next_rotation_at: null })
      return {}
    }
    if (!request.RotationInterval) throw invalid('RotationInterval', say`automatic rotation needs it.`)
    const seconds = parseRotationSeconds(request.RotationInterval)
    const last = key.last_rotated_at ?? key.created_at
    const next = new Date(last.getTime() + seconds * 1_000)
    await updateKey(ctx.db, key.key_id, { rotation_seconds: seconds, next_rotation_at: next })
    return {}
  },
})
