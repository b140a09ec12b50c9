import { onBucket } from '../operation.ts'

export const GetBucketLocation = onBucket({
  name: 'GetBucketLocation',
  route: { method: 'GET', subresources: ['location'] },
  permission: 'oss:GetBucketLocation',
  run: async ({ bucket }, { dialect }) => ({
    status: 200,
    body: {
      kind: 'text',
      contentType: 'application/xml',
      text: `<?xml version="1.0" encoding="UTF-8"?><LocationConstraint>${
        dialect === 's3' ? bucket.regionId : `oss-${bucket.regionId}`
      }</LocationConstraint>`,
    },
  }),
})
