import { onBucket } from '../operation.ts'

export const GetBucketVersioning = onBucket({
  name: 'GetBucketVersioning',
  route: { method: 'GET', subresources: ['versioning'] },
  permission: 'oss:GetBucketVersioning',
  run: async ({ bucket }) => ({
    status: 200,
    body: { kind: 'xml', root: 'VersioningConfiguration', value: { Status: bucket.versioning } },
  }),
})
