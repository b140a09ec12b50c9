import { readTagging } from '../domain/tagging.ts'
import { onBucket } from '../operation.ts'
import { setBucketSetting } from '../tables/buckets.ts'

export const PutBucketTags = onBucket({
  name: 'PutBucketTags',
  route: { method: 'PUT', subresources: ['tagging'] },
  permission: 'oss:PutBucketTagging',
  async run({ buckets, bucket }, request) {
    const tags = readTagging(await request.readXml('Tagging'), 20)
    await buckets.change(bucket.name, (db) => setBucketSetting(db, bucket.bucketId, 'tagging', tags))
    return { status: 200 }
  },
})
