import * as contract from '@pileus/contract/generated/kms'
import { isoSeconds } from '@pileus/kernel/clock'
import { keyResource } from '../domain/key-ref.ts'
import { openImport, parseWrapping, requireExternal } from '../importing.ts'
import { getKey } from '../keys.ts'
import { read } from '../operation.ts'

/** A public key to wrap material with, and a token that says which. Both are good for 24 hours. */
export const GetParametersForImport = read(contract.GetParametersForImport, {
  permission: 'kms:GetParametersForImport',
  resources: (request) => [keyResource(request.KeyId)],
  places: 'nowhere',
  async run(ctx, request) {
    const wrapping = parseWrapping(request.WrappingAlgorithm, request.WrappingKeySpec)
    const key = await getKey(ctx, request.KeyId)
    requireExternal(key)
    const parameters = await openImport(ctx, key, wrapping)
    return {
      KeyId: key.key_id,
      PublicKey: parameters.publicKey,
      ImportToken: parameters.token,
      TokenExpireTime: isoSeconds(parameters.expiresAt),
    }
  },
})
