import { objectError } from '@pileus/kernel/object-protocol'
import { errors } from '../errors.ts'
import { onBucket } from '../operation.ts'

export const GetBucketPolicy = onBucket({
  name: 'GetBucketPolicy',
  route: { method: 'GET', subresources: ['policy'] },
  permission: 'oss:GetBucketPolicy',
  async run({ bucket }) {
    const text = bucket.settings.policy
    if (text === undefined) throw objectError(errors.NoSuchBucketPolicy, { details: { BucketName: bucket.name } })
    return { status: 200, body: { kind: 'text', text, contentType: 'application/json' } }
  },
})
