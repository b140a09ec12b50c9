import { readMaxKeys } from '../domain/list-parameters.ts'
import { xmlTime } from '../domain/times.ts'
import { onService } from '../operation.ts'
import { listBuckets } from '../tables/buckets.ts'

export const ListBuckets = onService({
  name: 'ListBuckets',
  route: { method: 'GET' },
  permission: 'oss:ListBuckets',
  async run({ store, principal }, { query }) {
    const limit = readMaxKeys(query)
    const { accountId } = principal
    const prefix = query.get('prefix') ?? ''
    const marker = query.get('marker') ?? ''
    const tagKey = query.get('tag-key')
    const found = await listBuckets(store.pool, {
      accountId,
      prefix,
      marker,
      limit: limit + 1,
      tag: tagKey ? { key: tagKey, value: query.get('tag-value') } : undefined,
    })
    const page = found.slice(0, limit)
    const isTruncated = found.length > limit && limit > 0
    return {
      status: 200,
      body: {
        kind: 'xml',
        root: 'ListAllMyBucketsResult',
        value: {
          Prefix: prefix,
          Marker: marker,
          MaxKeys: limit,
          IsTruncated: isTruncated,
          NextMarker: isTruncated ? page.at(-1)?.name : '',
          Owner: { ID: accountId, DisplayName: accountId },
          Buckets: {
            Bucket: page.map((bucket) => ({
              CreationDate: xmlTime(bucket.createdAt),
              ExtranetEndpoint: `oss-${bucket.regionId}.aliyuncs.com`,
              IntranetEndpoint: `oss-${bucket.regionId}-internal.aliyuncs.com`,
              Location: `oss-${bucket.regionId}`,
              Name: bucket.name,
              Region: bucket.regionId,
              StorageClass: bucket.storageClass,
            })),
          },
        },
      },
    }
  },
})
