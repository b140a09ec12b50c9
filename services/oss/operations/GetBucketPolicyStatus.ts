import { isPublicPolicy } from '../domain/bucket-policy.ts'
import { onBucket } from '../operation.ts'

export const GetBucketPolicyStatus = onBucket({
  name: 'GetBucketPolicyStatus',
  route: { method: 'GET', subresources: ['policyStatus'] },
  permission: 'oss:GetBucketPolicyStatus',
  run: async ({ bucket: { settings } }) => ({
    status: 200,
    body: {
      kind: 'xml',
      root: 'PolicyStatus',
      value: { IsPublic: settings.policy !== undefined && isPublicPolicy(settings.policy) },
    },
  }),
})
