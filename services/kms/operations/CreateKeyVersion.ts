import * as contract from '@pileus/contract/generated/kms'
import { isoSeconds } from '@pileus/kernel/clock'
import { apiError } from '@pileus/kernel/errors'
import { keyResource } from '../domain/key-ref.ts'
import { kmsErrors } from '../errors.ts'
import { addKeyVersion, getKey, refuseServiceKey, requireUsable } from '../keys.ts'
import { write } from '../operation.ts'

/** Rotates a key now: of a symmetric key the new version encrypts from then on. */
export const CreateKeyVersion = write(contract.CreateKeyVersion, {
  permission: 'kms:CreateKeyVersion',
  resources: (request) => [keyResource(request.KeyId)],
  places: (_request, regionId) => regionId,
  async run(ctx, request) {
    const key = await getKey(ctx, request.KeyId, { lock: 'update' })
    refuseServiceKey(key)
    requireUsable(key, key.key_usage)
    if (key.origin === 'EXTERNAL') {
      const reason = 'a key whose material is imported has one version.'
      throw apiError(kmsErrors.UnsupportedOperation, { reason })
    }
    const at = ctx.clock.now()
    const versionId = await addKeyVersion(ctx, key, at)
    return { KeyVersion: { KeyId: key.key_id, KeyVersionId: versionId, CreationDate: isoSeconds(at) } }
  },
})
