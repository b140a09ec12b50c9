import { header } from '../domain/headers.ts'
import { readLifecycle } from '../domain/lifecycle.ts'
import { onBucket } from '../operation.ts'
import { setBucketSetting } from '../tables/buckets.ts'
import { restartLifecycle } from '../tables/lifecycle.ts'

/** Replaces all rules. They are applied by `reconcilers/lifecycle.ts`, soon and then once a day. */
export const PutBucketLifecycle = onBucket({
  name: 'PutBucketLifecycle',
  route: { method: 'PUT', subresources: ['lifecycle'] },
  permission: 'oss:PutBucketLifecycle',
  async run({ buckets, bucket }, request) {
    const mayOverlap = header(request.headers, 'x-oss-allow-same-action-overlap')?.toLowerCase() === 'true'
    const rules = readLifecycle(await request.readXml('LifecycleConfiguration'), mayOverlap)
    await buckets.change(bucket.name, async (db) => {
      await setBucketSetting(db, bucket.bucketId, 'lifecycle', rules)
      await restartLifecycle(db, bucket.bucketId)
    })
    return { status: 200 }
  },
})
