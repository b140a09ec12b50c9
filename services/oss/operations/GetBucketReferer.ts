import { onBucket } from '../operation.ts'

/** No bucket looks at referers yet. Setting it answers NotImplemented. */
export const GetBucketReferer = onBucket({
  name: 'GetBucketReferer',
  route: { method: 'GET', subresources: ['referer'] },
  permission: 'oss:GetBucketReferer',
  run: async () => ({
    status: 200,
    body: {
      kind: 'xml',
      root: 'RefererConfiguration',
      value: { AllowEmptyReferer: true, AllowTruncateQueryString: true, RefererList: '' },
    },
  }),
})
