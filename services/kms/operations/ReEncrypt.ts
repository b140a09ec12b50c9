import * as contract from '@pileus/contract/generated/kms'
import { decryptWithPrivateKey } from '../asymmetric.ts'
import { keyOfCiphertext } from '../domain/ciphertext.ts'
import { keyResource } from '../domain/key-ref.ts'
import { parseBase64, parseContext } from '../domain/parameters.ts'
import { decryptCiphertext, encryptUnder, getKey } from '../keys.ts'
import { read } from '../operation.ts'

/** Decrypts and encrypts again under another key; the plaintext leaves no trace outside. */
export const ReEncrypt = read(contract.ReEncrypt, {
  permission: 'kms:ReEncrypt',
  resources: (request) => [
    request.SourceKeyId ? keyResource(request.SourceKeyId) : `ciphertext/${keyOfCiphertext(request.CiphertextBlob)}`,
    keyResource(request.DestinationKeyId),
  ],
  places: 'nowhere',
  async run(ctx, request) {
    const context = parseContext(request.DestinationEncryptionContext, 'DestinationEncryptionContext')
    const sourceContext = parseContext(request.SourceEncryptionContext, 'SourceEncryptionContext')
    const plaintext = await readSource()
    const destination = await getKey(ctx, request.DestinationKeyId, { shared: true })
    const ciphertext = await encryptUnder(ctx, destination, plaintext, context)
    plaintext.fill(0)
    return {
      CiphertextBlob: ciphertext.toString('base64'),
      KeyId: destination.key_id,
      KeyVersionId: destination.primary_version_id,
    }

    async function readSource(): Promise<Buffer> {
      if (request.SourceKeyId) {
        const source = await getKey(ctx, request.SourceKeyId, { shared: true })
        const wrapped = parseBase64('CiphertextBlob', request.CiphertextBlob, { min: 1, max: 1_024 })
        const { SourceEncryptionAlgorithm, SourceKeyVersionId } = request
        return await decryptWithPrivateKey(ctx, source, SourceKeyVersionId, SourceEncryptionAlgorithm, wrapped)
      }
      const wrapped = parseBase64('CiphertextBlob', request.CiphertextBlob, { min: 1, max: 8_192 })
      return (await decryptCiphertext(ctx, { regionId: ctx.regionId }, wrapped, sourceContext)).plaintext
    }
  },
})
