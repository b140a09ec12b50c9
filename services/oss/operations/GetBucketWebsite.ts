import { objectError } from '@pileus/kernel/object-protocol'
import { errors } from '../errors.ts'
import { onBucket } from '../operation.ts'

/** No bucket has one yet: setting it answers NotImplemented. */
export const GetBucketWebsite = onBucket({
  name: 'GetBucketWebsite',
  route: { method: 'GET', subresources: ['website'] },
  permission: 'oss:GetBucketWebsite',
  async run({ bucket }) {
    throw objectError(errors.NoSuchWebsiteConfiguration, { details: { BucketName: bucket.name } })
  },
})
