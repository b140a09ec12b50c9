import { readTagging } from '../domain/tagging.ts'
import { getTarget, versionHeader, versionOf } from '../find-target.ts'
import { onObject } from '../operation.ts'
import { updateVersion } from '../tables/objects.ts'

export const PutObjectTagging = onObject({
  name: 'PutObjectTagging',
  route: { method: 'PUT', subresources: ['tagging'] },
  permission: 'oss:PutObjectTagging',
  async run(context, request) {
    const { store, bucket, key } = context
    const tags = readTagging(await request.readXml('Tagging'), 10)
    const updated = await updateVersion(store.pool, bucket.bucketId, key, versionOf(request), { tags })
    // Says why there is none.
    const object = updated ?? (await getTarget(context, request))
    return { status: 200, headers: versionHeader(context, object) }
  },
})
