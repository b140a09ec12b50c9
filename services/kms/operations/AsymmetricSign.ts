import * as contract from '@pileus/contract/generated/kms'
import { getPublicVersion } from '../asymmetric.ts'
import { keyResource } from '../domain/key-ref.ts'
import { parseBase64 } from '../domain/parameters.ts'
import { parseSigning, signDigest } from '../domain/signing.ts'
import { getKey, openMaterial, requireUsable } from '../keys.ts'
import { read } from '../operation.ts'

/** Signs a digest with the private key of a version. */
export const AsymmetricSign = read(contract.AsymmetricSign, {
  permission: 'kms:AsymmetricSign',
  resources: (request) => [keyResource(request.KeyId)],
  places: 'nowhere',
  async run(ctx, request) {
    const key = await getKey(ctx, request.KeyId, { shared: true })
    requireUsable(key, 'SIGN/VERIFY')
    const digest = parseBase64('Digest', request.Digest, { min: 32, max: 32 })
    const algorithm = parseSigning(key.key_spec, request.Algorithm)
    const { versionId } = await getPublicVersion(ctx, key, request.KeyVersionId)
    const secret = await openMaterial(ctx, key, versionId)
    const value = signDigest(algorithm, key.key_spec, secret, digest)
    secret.fill(0)
    return { KeyId: key.key_id, KeyVersionId: versionId, Value: value.toString('base64') }
  },
})
