import { onBucket } from '../operation.ts'

export const GetBucketPublicAccessBlock = onBucket({
  name: 'GetBucketPublicAccessBlock',
  route: { method: 'GET', subresources: ['publicAccessBlock'] },
  permission: 'oss:GetBucketPublicAccessBlock',
  run: async ({ bucket }) => ({
    status: 200,
    body: {
      kind: 'xml',
      root: 'PublicAccessBlockConfiguration',
      value: { BlockPublicAccess: bucket.settings.blockPublicAccess ?? false },
    },
  }),
})
