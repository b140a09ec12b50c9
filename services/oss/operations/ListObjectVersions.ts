import { say } from '@pileus/kernel/messages/text'
import { invalid } from '../domain/headers.ts'
import { readEncoding, readMaxKeys } from '../domain/list-parameters.ts'
import { shownVersionId } from '../domain/stored-object.ts'
import { xmlTime } from '../domain/times.ts'
import { describeRestore } from '../object-headers.ts'
import { onBucket } from '../operation.ts'
import { listVersions } from '../tables/version-listing.ts'

/** Longest prefix, delimiter and marker. */
const maxTextBytes = 1024

export const ListObjectVersions = onBucket({
  name: 'ListObjectVersions',
  route: { method: 'GET', subresources: ['versions'] },
  permission: 'oss:ListObjectVersions',
  async run({ store, bucket, clock }, { query, dialect }) {
    const { encode, EncodingType } = readEncoding(query)
    const limit = readMaxKeys(query, 'max-keys', dialect === 's3' ? 1000 : 100)
    const text = (name: string): string => {
      const value = query.get(name) ?? ''
      if (Buffer.byteLength(value) > maxTextBytes) {
        throw invalid(name, value, say`${name} may have ${maxTextBytes} bytes.`)
      }
      return value.split('\0', 1)[0]!
    }
    const wanted = {
      prefix: text('prefix'),
      delimiter: text('delimiter'),
      keyMarker: text('key-marker'),
      versionIdMarker: text('version-id-marker'),
      limit,
    }
    const page =
      limit === 0 ? { entries: [], isTruncated: false } : await listVersions(store.pool, bucket.bucketId, wanted)
    const owner = { ID: bucket.accountId, DisplayName: bucket.accountId }
    const last = page.entries.at(-1)
    const versions = page.entries.flatMap((entry) => (entry.kind === 'version' ? [entry] : []))
    const common = ({ object, isLatest }: (typeof versions)[number]) => ({
      Key: encode(object.key),
      VersionId: shownVersionId(object),
      IsLatest: isLatest,
      LastModified: xmlTime(object.modifiedAt),
    })
    return {
      status: 200,
      body: {
        kind: 'xml',
        root: 'ListVersionsResult',
        value: {
          Name: bucket.name,
          Prefix: encode(wanted.prefix),
          KeyMarker: encode(wanted.keyMarker),
          VersionIdMarker: wanted.versionIdMarker,
          MaxKeys: limit,
          Delimiter: encode(wanted.delimiter),
          EncodingType,
          IsTruncated: page.isTruncated,
          ...(page.isTruncated && last
            ? {
                NextKeyMarker: encode(last.kind === 'version' ? last.object.key : last.prefix),
                NextVersionIdMarker: last.kind === 'version' ? shownVersionId(last.object) : undefined,
              }
            : {}),
          Version: versions
            .filter(({ object }) => !object.isMarker)
            .map((entry) => ({
              ...common(entry),
              ETag: `"${entry.object.etag}"`,
              Type: entry.object.type,
              Size: entry.object.bytes,
              StorageClass: entry.object.storageClass,
              Owner: owner,
              ...(entry.object.restore ? { RestoreInfo: describeRestore(entry.object.restore, clock.now()) } : {}),
            })),
          DeleteMarker: versions
            .filter(({ object }) => object.isMarker)
            .map((entry) => ({ ...common(entry), Owner: owner })),
          CommonPrefixes: page.entries.flatMap((entry) =>
            entry.kind === 'prefix' ? [{ Prefix: encode(entry.prefix) }] : [],
          ),
        },
      },
    }
  },
})
