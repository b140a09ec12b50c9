import { say } from '@pileus/kernel/messages/text'
import { invalid, readBucketAcl } from '../domain/headers.ts'
import { findS3Acl } from '../domain/s3-acl.ts'
import { onBucket } from '../operation.ts'
import { setBucketAcl } from '../tables/buckets.ts'

export const PutBucketAcl = onBucket({
  name: 'PutBucketAcl',
  route: { method: 'PUT', subresources: ['acl'] },
  permission: 'oss:PutBucketAcl',
  async run({ buckets, bucket }, request) {
    const acl = readBucketAcl(request.headers) ?? (await findS3Acl(request, bucket.accountId))
    if (!acl) throw invalid('x-oss-acl', '', say`The header x-oss-acl is needed.`)
    await buckets.change(bucket.name, (db) => setBucketAcl(db, bucket.bucketId, acl))
    return { status: 200, headers: { location: `/${bucket.name}` } }
  },
})
