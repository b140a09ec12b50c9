import { objectError } from '@pileus/kernel/object-protocol'
import { errors } from '../errors.ts'
import { onBucket } from '../operation.ts'

/** No bucket has one yet: setting it answers NotImplemented. */
export const GetBucketEncryption = onBucket({
  name: 'GetBucketEncryption',
  route: { method: 'GET', subresources: ['encryption'] },
  permission: 'oss:GetBucketEncryption',
  async run({ bucket }) {
    throw objectError(errors.NoSuchServerSideEncryptionRule, { details: { BucketName: bucket.name } })
  },
})
