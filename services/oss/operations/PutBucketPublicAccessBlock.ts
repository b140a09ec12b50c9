import { say } from '@pileus/kernel/messages/text'
import { getText, malformedXml } from '../domain/xml.ts'
import { onBucket } from '../operation.ts'
import { setBucketSetting } from '../tables/buckets.ts'

export const PutBucketPublicAccessBlock = onBucket({
  name: 'PutBucketPublicAccessBlock',
  route: { method: 'PUT', subresources: ['publicAccessBlock'] },
  permission: 'oss:PutBucketPublicAccessBlock',
  async run({ buckets, bucket }, request) {
    const text = getText(await request.readXml('PublicAccessBlockConfiguration'), 'BlockPublicAccess')
      .trim()
      .toLowerCase()
    if (text !== 'true' && text !== 'false') throw malformedXml(say`BlockPublicAccess must be true or false.`)
    const value = text === 'true'
    await buckets.change(bucket.name, (db) => setBucketSetting(db, bucket.bucketId, 'blockPublicAccess', value))
    return { status: 200 }
  },
})
