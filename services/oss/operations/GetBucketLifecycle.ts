import { objectError } from '@pileus/kernel/object-protocol'
import { errors } from '../errors.ts'
import { onBucket } from '../operation.ts'

/** No bucket has one yet: setting it answers NotImplemented. */
export const GetBucketLifecycle = onBucket({
  name: 'GetBucketLifecycle',
  route: { method: 'GET', subresources: ['lifecycle'] },
  permission: 'oss:GetBucketLifecycle',
  async run({ bucket }) {
    throw objectError(errors.NoSuchLifecycle, { details: { BucketName: bucket.name } })
  },
})
