import { onBucket } from '../operation.ts'
import { setBucketSetting } from '../tables/buckets.ts'

export const DeleteBucketPolicy = onBucket({
  name: 'DeleteBucketPolicy',
  route: { method: 'DELETE', subresources: ['policy'] },
  permission: 'oss:DeleteBucketPolicy',
  async run({ buckets, bucket }) {
    await buckets.change(bucket.name, (db) => setBucketSetting(db, bucket.bucketId, 'policy', undefined))
    return { status: 204 }
  },
})
