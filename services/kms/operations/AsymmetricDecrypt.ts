import * as contract from '@pileus/contract/generated/kms'
import { decryptWithPrivateKey } from '../asymmetric.ts'
import { keyResource } from '../domain/key-ref.ts'
import { parseBase64 } from '../domain/parameters.ts'
import { getKey } from '../keys.ts'
import { read } from '../operation.ts'

/** Decrypts with the private key of a version. */
export const AsymmetricDecrypt = read(contract.AsymmetricDecrypt, {
  permission: 'kms:AsymmetricDecrypt',
  resources: (request) => [keyResource(request.KeyId)],
  places: 'nowhere',
  async run(ctx, request) {
    const key = await getKey(ctx, request.KeyId, { shared: true })
    const ciphertext = parseBase64('CiphertextBlob', request.CiphertextBlob, { min: 1, max: 1_024 })
    const versionId = request.KeyVersionId
    const plaintext = await decryptWithPrivateKey(ctx, key, versionId, request.Algorithm, ciphertext)
    return { KeyId: key.key_id, KeyVersionId: versionId, Plaintext: plaintext.toString('base64') }
  },
})
