import { readEncoding, readMaxKeys } from '../domain/list-parameters.ts'
import { describeEntries, listPage } from '../list-page.ts'
import { onBucket } from '../operation.ts'

/** The first version of the listing, which goes on after a marker. */
export const ListObjects = onBucket({
  name: 'ListObjects',
  route: { method: 'GET' },
  permission: 'oss:ListObjects',
  acl: 'read',
  async run(context, { query, dialect }) {
    const { bucket } = context
    const { encode, EncodingType } = readEncoding(query)
    const limit = readMaxKeys(query, 'max-keys', dialect === 's3' ? 1000 : 100)
    const prefix = query.get('prefix') ?? ''
    const delimiter = query.get('delimiter') ?? ''
    const marker = query.get('marker') ?? ''
    const page = await listPage(context, { prefix, delimiter, after: marker, limit })
    return {
      status: 200,
      body: {
        kind: 'xml',
        root: 'ListBucketResult',
        value: {
          Name: bucket.name,
          Prefix: encode(prefix),
          Marker: encode(marker),
          MaxKeys: limit,
          Delimiter: encode(delimiter),
          EncodingType,
          IsTruncated: page.next !== undefined,
          NextMarker: page.next === undefined ? undefined : encode(page.next),
          ...describeEntries(context, page.entries, encode, true),
        },
      },
    }
  },
})
