import { onBucket } from '../operation.ts'
import { setBucketSetting } from '../tables/buckets.ts'

export const DeleteBucketCors = onBucket({
  name: 'DeleteBucketCors',
  route: { method: 'DELETE', subresources: ['cors'] },
  permission: 'oss:DeleteBucketCors',
  async run({ buckets, bucket }) {
    await buckets.change(bucket.name, (db) => setBucketSetting(db, bucket.bucketId, 'cors', undefined))
    return { status: 204 }
  },
})
