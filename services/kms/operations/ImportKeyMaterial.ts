import * as contract from '@pileus/contract/generated/kms'
import { keyResource } from '../domain/key-ref.ts'
import { parseBase64 } from '../domain/parameters.ts'
import { importMaterial, parseExpiry, requireExternal } from '../importing.ts'
import { getKey } from '../keys.ts'
import { write } from '../operation.ts'

/** Gives a key its material: once, and afterwards only the same again. */
export const ImportKeyMaterial = write(contract.ImportKeyMaterial, {
  permission: 'kms:ImportKeyMaterial',
  resources: (request) => [keyResource(request.KeyId)],
  places: (_request, regionId) => regionId,
  async run(ctx, request) {
    const wrapped = parseBase64('EncryptedKeyMaterial', request.EncryptedKeyMaterial, { min: 1, max: 1_024 })
    const key = await getKey(ctx, request.KeyId, { lock: 'update' })
    requireExternal(key)
    const expiresAt = parseExpiry(request.KeyMaterialExpireUnix, ctx.clock.now())
    await importMaterial(ctx, key, { token: request.ImportToken, wrapped, expiresAt })
    return {}
  },
})
