import { onBucket } from '../operation.ts'

export const HeadBucket = onBucket({
  name: 'HeadBucket',
  route: { method: 'HEAD' },
  permission: 'oss:GetBucketInfo',
  acl: 'read',
  run: async ({ bucket }) => ({ status: 200, headers: { 'x-oss-bucket-region': bucket.regionId } }),
})
