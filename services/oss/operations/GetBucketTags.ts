import { describeTags } from '../domain/tagging.ts'
import { onBucket } from '../operation.ts'

export const GetBucketTags = onBucket({
  name: 'GetBucketTags',
  route: { method: 'GET', subresources: ['tagging'] },
  permission: 'oss:GetBucketTagging',
  run: async ({ bucket }) => ({
    status: 200,
    body: { kind: 'xml', root: 'Tagging', value: describeTags(bucket.settings.tagging ?? []) },
  }),
})
