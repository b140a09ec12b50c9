import { onBucket } from '../operation.ts'
import { setBucketSetting } from '../tables/buckets.ts'

export const DeleteBucketPublicAccessBlock = onBucket({
  name: 'DeleteBucketPublicAccessBlock',
  route: { method: 'DELETE', subresources: ['publicAccessBlock'] },
  permission: 'oss:DeleteBucketPublicAccessBlock',
  async run({ buckets, bucket }) {
    await buckets.change(bucket.name, (db) => setBucketSetting(db, bucket.bucketId, 'blockPublicAccess', undefined))
    return { status: 204 }
  },
})
