import { say } from '@pileus/kernel/messages/text'
import { invalid } from '../domain/headers.ts'
import { readMaxKeys } from '../domain/list-parameters.ts'
import { describeTags } from '../domain/tagging.ts'
import { xmlTime } from '../domain/times.ts'
import { onService } from '../operation.ts'
import { listBuckets } from '../tables/buckets.ts'

/** `tagging` is a list such as `"key":"value","other":"value"`; a bucket must have them all. */
function readTags(query: ReadonlyMap<string, string>): { key: string; value?: string | undefined }[] {
  const key = query.get('tag-key')
  const one = key ? [{ key, value: query.get('tag-value') }] : []
  const list = query.get('tagging') ?? ''
  if (list === '') return one
  const pairs = [...list.matchAll(/"([^"]*)"(?::"([^"]*)")?(?:,|$)/g)]
  if (pairs.map(([pair]) => pair).join('') !== list) {
    throw invalid('tagging', list, say`tagging must be a list such as "key":"value","other":"value".`)
  }
  return [...one, ...pairs.map(([, name = '', value]) => ({ key: name, value }))]
}

export const ListBuckets = onService({
  name: 'ListBuckets',
  route: { method: 'GET', optional: ['tagging'] },
  permission: 'oss:ListBuckets',
  async run({ store, principal }, { query }) {
    const limit = readMaxKeys(query)
    const { accountId } = principal
    const prefix = query.get('prefix') ?? ''
    const marker = query.get('marker') ?? ''
    const tags = readTags(query)
    const found = await listBuckets(store.pool, {
      accountId,
      prefix,
      marker,
      limit: limit + 1,
      tags,
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
              Tagging: tags.length > 0 ? describeTags(bucket.settings.tagging ?? []) : undefined,
            })),
          },
        },
      },
    }
  },
})
