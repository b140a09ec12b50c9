import { randomBytes } from 'node:crypto'
import * as contract from '@pileus/contract/generated/kms'
import { parseDataKeyBytes } from '../domain/data-key.ts'
import { keyResource } from '../domain/key-ref.ts'
import { parseContext } from '../domain/parameters.ts'
import { encryptUnder, getKey } from '../keys.ts'
import { read } from '../operation.ts'

/** A random data key, as it is and under a key. */
export const GenerateDataKey = read(contract.GenerateDataKey, {
  permission: 'kms:GenerateDataKey',
  resources: (request) => [keyResource(request.KeyId)],
  places: 'nowhere',
  async run(ctx, request) {
    const bytes = randomBytes(parseDataKeyBytes(request))
    const context = parseContext(request.EncryptionContext)
    const key = await getKey(ctx, request.KeyId, { shared: true })
    const ciphertext = await encryptUnder(ctx, key, bytes, context)
    const plaintext = bytes.toString('base64')
    bytes.fill(0)
    return {
      CiphertextBlob: ciphertext.toString('base64'),
      KeyId: key.key_id,
      KeyVersionId: key.primary_version_id,
      Plaintext: plaintext,
    }
  },
})
