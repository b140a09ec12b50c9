import { objectError } from '@pileus/kernel/object-protocol'
import { describeEncryption } from '../domain/encryption.ts'
import { errors } from '../errors.ts'
import { onBucket } from '../operation.ts'

export const GetBucketEncryption = onBucket({
  name: 'GetBucketEncryption',
  route: { method: 'GET', subresources: ['encryption'] },
  permission: 'oss:GetBucketEncryption',
  async run({ bucket }) {
    const { encryption } = bucket.settings
    if (!encryption) {
      throw objectError(errors.NoSuchServerSideEncryptionRule, { details: { BucketName: bucket.name } })
    }
    const value = { ApplyServerSideEncryptionByDefault: describeEncryption(encryption) }
    return { status: 200, body: { kind: 'xml', root: 'ServerSideEncryptionRule', value } }
  },
})
