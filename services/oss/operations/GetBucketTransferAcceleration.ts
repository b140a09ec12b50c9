import { objectError } from '@pileus/kernel/object-protocol'
import { errors } from '../errors.ts'
import { onBucket } from '../operation.ts'

/** No bucket has one yet: setting it answers NotImplemented. */
export const GetBucketTransferAcceleration = onBucket({
  name: 'GetBucketTransferAcceleration',
  route: { method: 'GET', subresources: ['transferAcceleration'] },
  permission: 'oss:GetBucketTransferAcceleration',
  async run({ bucket }) {
    throw objectError(errors.NoSuchTransferAccelerationConfiguration, { details: { BucketName: bucket.name } })
  },
})
