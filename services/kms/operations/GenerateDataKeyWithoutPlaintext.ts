import { randomBytes } from 'node:crypto'
import * as contract from '@pileus/contract/generated/kms'
import { parseDataKeyBytes } from '../domain/data-key.ts'
import { keyResource } from '../domain/key-ref.ts'
import { parseContext } from '../domain/parameters.ts'
import { encryptUnder, getKey } from '../keys.ts'
import { read } from '../operation.ts'

/** A random data key, only as it is encrypted under a key. */
export const GenerateDataKeyWithoutPlaintext = read(contract.GenerateDataKeyWithoutPlaintext, {
  permission: 'kms:GenerateDataKeyWithoutPlaintext',
  resources: (request) => [keyResource(request.KeyId)],
  places: 'nowhere',
  async run(ctx, request) {
    const bytes = randomBytes(parseDataKeyBytes(request))
    const context = parseContext(request.EncryptionContext)
    const key = await getKey(ctx, request.KeyId, { shared: true })
    const ciphertext = await encryptUnder(ctx, key, bytes, context)
    bytes.fill(0)
    return {
      CiphertextBlob: ciphertext.toString('base64'),
      KeyId: key.key_id,
      KeyVersionId: key.primary_version_id,
    }
  },
})
