import * as contract from '@pileus/contract/generated/kms'
import { encryptWithPublicKey, getPublicVersion } from '../asymmetric.ts'
import { keyResource } from '../domain/key-ref.ts'
import { parseBase64 } from '../domain/parameters.ts'
import { getKey, requireUsable } from '../keys.ts'
import { read } from '../operation.ts'

/** Encrypts a little with the public key of a version. */
export const AsymmetricEncrypt = read(contract.AsymmetricEncrypt, {
  permission: 'kms:AsymmetricEncrypt',
  resources: (request) => [keyResource(request.KeyId)],
  places: 'nowhere',
  async run(ctx, request) {
    const key = await getKey(ctx, request.KeyId, { shared: true })
    requireUsable(key, 'ENCRYPT/DECRYPT')
    const plaintext = parseBase64('Plaintext', request.Plaintext, { min: 1, max: 512 })
    const { versionId, publicKey } = await getPublicVersion(ctx, key, request.KeyVersionId)
    const ciphertext = encryptWithPublicKey(publicKey, request.Algorithm, plaintext)
    return { KeyId: key.key_id, KeyVersionId: versionId, CiphertextBlob: ciphertext.toString('base64') }
  },
})
