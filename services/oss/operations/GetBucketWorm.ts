import { objectError } from '@pileus/kernel/object-protocol'
import { errors } from '../errors.ts'
import { onBucket } from '../operation.ts'

/** No bucket has one yet: setting it answers NotImplemented. */
export const GetBucketWorm = onBucket({
  name: 'GetBucketWorm',
  route: { method: 'GET', subresources: ['worm'] },
  permission: 'oss:GetBucketWorm',
  async run({ bucket }) {
    throw objectError(errors.NoSuchWORMConfiguration, { details: { BucketName: bucket.name } })
  },
})
