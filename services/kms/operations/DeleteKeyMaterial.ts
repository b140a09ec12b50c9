import * as contract from '@pileus/contract/generated/kms'
import { keyResource } from '../domain/key-ref.ts'
import { removeMaterial, requireExternal } from '../importing.ts'
import { getKey } from '../keys.ts'
import { write } from '../operation.ts'

/** Removes imported material; the same may be imported again. */
export const DeleteKeyMaterial = write(contract.DeleteKeyMaterial, {
  permission: 'kms:DeleteKeyMaterial',
  resources: (request) => [keyResource(request.KeyId)],
  places: 'nowhere',
  async run(ctx, request) {
    const key = await getKey(ctx, request.KeyId, { lock: 'update' })
    requireExternal(key)
    await removeMaterial(ctx.db, key)
    return {}
  },
})
