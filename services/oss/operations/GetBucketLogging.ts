import { onBucket } from '../operation.ts'

/** No bucket writes access logs yet. Setting it answers NotImplemented. */
export const GetBucketLogging = onBucket({
  name: 'GetBucketLogging',
  route: { method: 'GET', subresources: ['logging'] },
  permission: 'oss:GetBucketLogging',
  run: async () => ({ status: 200, body: { kind: 'xml', root: 'BucketLoggingStatus', value: {} } }),
})
