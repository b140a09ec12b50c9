import * as contract from '@pileus/contract/generated/kms'
import { keyResource } from '../domain/key-ref.ts'
import { parseBase64, parseContext } from '../domain/parameters.ts'
import { encryptUnder, getKey } from '../keys.ts'
import { read } from '../operation.ts'

/** Encrypts up to 6 KiB under a symmetric key. */
export const Encrypt = read(contract.Encrypt, {
  permission: 'kms:Encrypt',
  resources: (request) => [keyResource(request.KeyId)],
  places: 'nowhere',
  async run(ctx, request) {
    const plaintext = parseBase64('Plaintext', request.Plaintext, { min: 1, max: 6_144 })
    const context = parseContext(request.EncryptionContext)
    const key = await getKey(ctx, request.KeyId, { shared: true })
    const ciphertext = await encryptUnder(ctx, key, plaintext, context)
    plaintext.fill(0)
    return { CiphertextBlob: ciphertext.toString('base64'), KeyId: key.key_id, KeyVersionId: key.primary_version_id }
  },
})
