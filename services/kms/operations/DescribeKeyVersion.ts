import * as contract from '@pileus/contract/generated/kms'
import { isoSeconds } from '@pileus/kernel/clock'
import { apiError } from '@pileus/kernel/errors'
import { isKeyId, keyResource } from '../domain/key-ref.ts'
import { kmsErrors } from '../errors.ts'
import { getKey } from '../keys.ts'
import { read } from '../operation.ts'
import { findKeyVersion } from '../tables/keys.ts'

/** When a version of a key was made. */
export const DescribeKeyVersion = read(contract.DescribeKeyVersion, {
  permission: 'kms:DescribeKeyVersion',
  resources: (request) => [keyResource(request.KeyId)],
  places: 'nowhere',
  async run(ctx, request) {
    const key = await getKey(ctx, request.KeyId)
    const versionId = request.KeyVersionId
    const version = isKeyId(versionId) ? await findKeyVersion(ctx.db, key.key_id, versionId) : undefined
    if (!version) {
      const facts = { resource: 'key version', name: versionId.slice(0, 256) }
      throw apiError(kmsErrors['Forbidden.ResourceNotFound'], facts)
    }
    return {
      KeyVersion: {
        KeyId: key.key_id,
        KeyVersionId: version.version_id,
        CreationDate: isoSeconds(version.created_at),
      },
    }
  },
})
