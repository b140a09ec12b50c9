import { objectError } from '@pileus/kernel/object-protocol'
import { errors } from '../errors.ts'
import { onBucket } from '../operation.ts'

/** No bucket has one yet: setting it answers NotImplemented. */
export const GetBucketReplication = onBucket({
  name: 'GetBucketReplication',
  route: { method: 'GET', subresources: ['replication'] },
  permission: 'oss:GetBucketReplication',
  async run({ bucket }) {
    throw objectError(errors.NoSuchReplicationConfiguration, { details: { BucketName: bucket.name } })
  },
})
