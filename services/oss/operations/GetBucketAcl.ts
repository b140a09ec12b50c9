import { onBucket } from '../operation.ts'

export const GetBucketAcl = onBucket({
  name: 'GetBucketAcl',
  route: { method: 'GET', subresources: ['acl'] },
  permission: 'oss:GetBucketAcl',
  run: async ({ bucket }) => ({
    status: 200,
    body: {
      kind: 'xml',
      root: 'AccessControlPolicy',
      value: {
        Owner: { ID: bucket.accountId, DisplayName: bucket.accountId },
        AccessControlList: { Grant: bucket.acl },
      },
    },
  }),
})
