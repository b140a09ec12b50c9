import { say } from '@pileus/kernel/messages/text'
import { getText, malformedXml } from '../domain/xml.ts'
import { onBucket } from '../operation.ts'
import { setVersioning } from '../tables/buckets.ts'

export const PutBucketVersioning = onBucket({
  name: 'PutBucketVersioning',
  route: { method: 'PUT', subresources: ['versioning'] },
  permission: 'oss:PutBucketVersioning',
  async run({ buckets, bucket }, request) {
    const status = getText(await request.readXml('VersioningConfiguration'), 'Status').trim()
    if (status !== 'Enabled' && status !== 'Suspended') throw malformedXml(say`Status must be Enabled or Suspended.`)
    await buckets.change(bucket.name, (db) => setVersioning(db, bucket.bucketId, status))
    return { status: 200 }
  },
})
