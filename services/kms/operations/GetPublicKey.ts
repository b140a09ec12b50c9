import * as contract from '@pileus/contract/generated/kms'
import { getPublicVersion } from '../asymmetric.ts'
import { keyResource } from '../domain/key-ref.ts'
import { getKey, requireUsable } from '../keys.ts'
import { read } from '../operation.ts'

/** The public half of an asymmetric key, as PEM. */
export const GetPublicKey = read(contract.GetPublicKey, {
  permission: 'kms:GetPublicKey',
  resources: (request) => [keyResource(request.KeyId)],
  places: 'nowhere',
  async run(ctx, request) {
    const key = await getKey(ctx, request.KeyId, { shared: true })
    requireUsable(key, key.key_usage)
    const version = await getPublicVersion(ctx, key, request.KeyVersionId)
    return { KeyId: key.key_id, KeyVersionId: version.versionId, PublicKey: version.publicKey }
  },
})
