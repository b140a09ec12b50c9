import { getTarget, versionHeader, versionOf } from '../find-target.ts'
import { onObject } from '../operation.ts'
import { updateVersion } from '../tables/objects.ts'

export const DeleteObjectTagging = onObject({
  name: 'DeleteObjectTagging',
  route: { method: 'DELETE', subresources: ['tagging'] },
  permission: 'oss:DeleteObjectTagging',
  async run(context, request) {
    const { store, bucket, key } = context
    const updated = await updateVersion(store.pool, bucket.bucketId, key, versionOf(request), { tags: null })
    const object = updated ?? (await getTarget(context, request))
    return { status: 204, headers: versionHeader(context, object) }
  },
})
