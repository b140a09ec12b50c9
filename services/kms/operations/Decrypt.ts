import * as contract from '@pileus/contract/generated/kms'
import { keyOfCiphertext } from '../domain/ciphertext.ts'
import { parseBase64, parseContext } from '../domain/parameters.ts'
import { decryptCiphertext } from '../keys.ts'
import { read } from '../operation.ts'

/** Decrypts what Encrypt and GenerateDataKey answered; the ciphertext says under which key. */
export const Decrypt = read(contract.Decrypt, {
  permission: 'kms:Decrypt',
  resources: (request) => [`ciphertext/${keyOfCiphertext(request.CiphertextBlob)}`],
  places: 'nowhere',
  async run(ctx, request) {
    const ciphertext = parseBase64('CiphertextBlob', request.CiphertextBlob, { min: 1, max: 8_192 })
    const context = parseContext(request.EncryptionContext)
    const { key, versionId, plaintext } = await decryptCiphertext(ctx, { regionId: ctx.regionId }, ciphertext, context)
    const answer = plaintext.toString('base64')
    plaintext.fill(0)
    return { Plaintext: answer, KeyId: key.key_id, KeyVersionId: versionId }
  },
})
