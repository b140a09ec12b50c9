import * as contract from '@pileus/contract/generated/kms'
import { getPublicVersion } from '../asymmetric.ts'
import { keyResource } from '../domain/key-ref.ts'
import { parseBase64 } from '../domain/parameters.ts'
import { parseSigning, verifyDigest } from '../domain/signing.ts'
import { getKey, requireUsable } from '../keys.ts'
import { read } from '../operation.ts'

/** Whether a signature of a digest is that of a version of the key. */
export const AsymmetricVerify = read(contract.AsymmetricVerify, {
  permission: 'kms:AsymmetricVerify',
  resources: (request) => [keyResource(request.KeyId)],
  places: 'nowhere',
  async run(ctx, request) {
    const key = await getKey(ctx, request.KeyId, { shared: true })
    requireUsable(key, 'SIGN/VERIFY')
    const digest = parseBase64('Digest', request.Digest, { min: 32, max: 32 })
    const value = parseBase64('Value', request.Value, { min: 1, max: 1_024 })
    const algorithm = parseSigning(key.key_spec, request.Algorithm)
    const { versionId, publicKey } = await getPublicVersion(ctx, key, request.KeyVersionId)
    const isValid = verifyDigest(algorithm, key.key_spec, publicKey, digest, value)
    return { KeyId: key.key_id, KeyVersionId: versionId, Value: isValid }
  },
})
