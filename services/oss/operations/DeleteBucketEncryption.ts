import { onBucket } from '../operation.ts'
import { setBucketSetting } from '../tables/buckets.ts'

export const DeleteBucketEncryption = onBucket({
  name: 'DeleteBucketEncryption',
  route: { method: 'DELETE', subresources: ['encryption'] },
  permission: 'oss:DeleteBucketEncryption',
  async run({ buckets, bucket }) {
    await buckets.change(bucket.name, (db) => setBucketSetting(db, bucket.bucketId, 'encryption', undefined))
    return { status: 204 }
  },
})
