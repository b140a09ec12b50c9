import { say } from '@pileus/kernel/messages/text'
import { header, invalid, readObjectAcl } from '../domain/headers.ts'
import { findS3Acl } from '../domain/s3-acl.ts'
import { getTarget, versionHeader, versionOf } from '../find-target.ts'
import { onObject } from '../operation.ts'
import { updateVersion } from '../tables/objects.ts'

export const PutObjectAcl = onObject({
  name: 'PutObjectAcl',
  route: { method: 'PUT', subresources: ['acl'] },
  permission: 'oss:PutObjectAcl',
  async run(context, request) {
    const { store, bucket, key } = context
    const granted = await findS3Acl(request, bucket.accountId)
    if (granted === undefined && header(request.headers, 'x-oss-object-acl') === undefined) {
      throw invalid('x-oss-object-acl', '', say`The header x-oss-object-acl is needed.`)
    }
    const acl = readObjectAcl(request.headers) ?? granted ?? null
    const updated = await updateVersion(store.pool, bucket.bucketId, key, versionOf(request), { acl })
    // Says why there is none.
    const object = updated ?? (await getTarget(context, request))
    return { status: 200, headers: versionHeader(context, object) }
  },
})
