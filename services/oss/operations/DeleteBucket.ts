import { objectError } from '@pileus/kernel/object-protocol'
import { errors } from '../errors.ts'
import { onBucket } from '../operation.ts'
import { deleteBucket } from '../tables/buckets.ts'

export const DeleteBucket = onBucket({
  name: 'DeleteBucket',
  route: { method: 'DELETE' },
  permission: 'oss:DeleteBucket',
  async run({ buckets, bucket }) {
    const held = await buckets.change(bucket.name, (db) => deleteBucket(db, bucket.bucketId))
    if (held) {
      throw objectError(errors.BucketNotEmpty, { facts: { what: held }, details: { BucketName: bucket.name } })
    }
    return { status: 204 }
  },
})
