import { checkBucketPolicy } from '../domain/bucket-policy.ts'
import { onBucket } from '../operation.ts'
import { setBucketSetting } from '../tables/buckets.ts'

export const PutBucketPolicy = onBucket({
  name: 'PutBucketPolicy',
  route: { method: 'PUT', subresources: ['policy'] },
  permission: 'oss:PutBucketPolicy',
  async run({ buckets, bucket, judge }, request) {
    const text = (await request.readBody(64 * 1024)).toString('utf8')
    checkBucketPolicy(judge, text, bucket.name)
    await buckets.change(bucket.name, (db) => setBucketSetting(db, bucket.bucketId, 'policy', text))
    return { status: 200 }
  },
})
