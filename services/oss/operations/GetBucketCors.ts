import { objectError } from '@pileus/kernel/object-protocol'
import { errors } from '../errors.ts'
import { onBucket } from '../operation.ts'

export const GetBucketCors = onBucket({
  name: 'GetBucketCors',
  route: { method: 'GET', subresources: ['cors'] },
  permission: 'oss:GetBucketCors',
  async run({ bucket }) {
    const { cors } = bucket.settings
    if (!cors) throw objectError(errors.NoSuchCORSConfiguration, { details: { BucketName: bucket.name } })
    const value = {
      CORSRule: cors.rules.map((rule) => ({
        AllowedOrigin: rule.allowedOrigins,
        AllowedMethod: rule.allowedMethods,
        AllowedHeader: rule.allowedHeaders,
        ExposeHeader: rule.exposeHeaders,
        MaxAgeSeconds: rule.maxAgeSeconds,
      })),
      ResponseVary: cors.responseVary,
    }
    return { status: 200, body: { kind: 'xml', root: 'CORSConfiguration', value } }
  },
})
