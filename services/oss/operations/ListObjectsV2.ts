import { say } from '@pileus/kernel/messages/text'
import { invalid } from '../domain/headers.ts'
import { readEncoding, readMaxKeys } from '../domain/list-parameters.ts'
import { describeEntries, listPage } from '../list-page.ts'
import { onBucket } from '../operation.ts'

/** The second version of the listing, which goes on by an opaque token. */
export const ListObjectsV2 = onBucket({
  name: 'ListObjectsV2',
  route: { method: 'GET', subresources: ['list-type=2'] },
  permission: 'oss:ListObjects',
  acl: 'read',
  async run(context, { query, dialect }) {
    const { encode, EncodingType } = readEncoding(query)
    const limit = readMaxKeys(query, 'max-keys', dialect === 's3' ? 1000 : 100)
    const prefix = query.get('prefix') ?? ''
    const delimiter = query.get('delimiter') ?? ''
    const startAfter = query.get('start-after') ?? ''
    const token = query.get('continuation-token')
    const after = token ? decodeToken(token) : startAfter
    const page = await listPage(context, { prefix, delimiter, after, limit })
    return {
      status: 200,
      body: {
        kind: 'xml',
        root: 'ListBucketResult',
        value: {
          Name: context.bucket.name,
          Prefix: encode(prefix),
          StartAfter: startAfter === '' ? undefined : encode(startAfter),
          MaxKeys: limit,
          Delimiter: encode(delimiter),
          EncodingType,
          IsTruncated: page.next !== undefined,
          ContinuationToken: token,
          NextContinuationToken: page.next === undefined ? undefined : encodeToken(page.next),
          KeyCount: page.entries.length,
          ...describeEntries(context, page.entries, encode, query.get('fetch-owner') === 'true'),
        },
      },
    }
  },
})

function encodeToken(key: string): string {
  return Buffer.from(key).toString('base64')
}

/** @throws InvalidArgument */
function decodeToken(token: string): string {
  const key = Buffer.from(token, 'base64').toString('utf8')
  if (key.includes('\0') || encodeToken(key) !== token) {
    throw invalid('continuation-token', token, say`The continuation token is not one of this listing.`)
  }
  return key
}
