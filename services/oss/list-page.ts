import { xmlTime } from './domain/times.ts'
import { describeRestore } from './object-headers.ts'
import type { BucketContext } from './operation.ts'
import { type ListEntry, type ListQuery, listObjects } from './tables/listing.ts'

export interface ListPage {
  entries: ListEntry[]
  /** What the next page comes after; undefined when this is the last. */
  next: string | undefined
}

export async function listPage({ store, bucket }: BucketContext, query: ListQuery): Promise<ListPage> {
  // No key holds NUL, and the database takes none: nothing begins with it, and all comes after what precedes it.
  if (query.limit === 0 || query.prefix.includes('\0')) return { entries: [], next: undefined }
  const delimiter = query.delimiter.includes('\0') ? '' : query.delimiter
  const after = query.after.split('\0', 1)[0] ?? ''
  const found = await listObjects(store.pool, bucket.bucketId, { ...query, delimiter, after, limit: query.limit + 1 })
  const entries = found.slice(0, query.limit)
  const last = entries.at(-1)
  if (found.length <= query.limit || !last) return { entries, next: undefined }
  return { entries, next: last.kind === 'object' ? last.object.key : last.prefix }
}

/** The entries as elements of a listing. */
export function describeEntries(
  { bucket, clock }: BucketContext,
  entries: readonly ListEntry[],
  encode: (name: string) => string,
  withOwner: boolean,
): { Contents: object[]; CommonPrefixes: object[] } {
  const owner = { ID: bucket.accountId, DisplayName: bucket.accountId }
  const contents: object[] = []
  const prefixes: object[] = []
  for (const entry of entries) {
    if (entry.kind === 'prefix') {
      prefixes.push({ Prefix: encode(entry.prefix) })
      continue
    }
    const { object } = entry
    contents.push({
      Key: encode(object.key),
      LastModified: xmlTime(object.modifiedAt),
      ETag: `"${object.etag}"`,
      Type: object.type,
      Size: object.bytes,
      StorageClass: object.storageClass,
      ...(withOwner ? { Owner: owner } : {}),
      ...(object.restore ? { RestoreInfo: describeRestore(object.restore, clock.now()) } : {}),
    })
  }
  return { Contents: contents, CommonPrefixes: prefixes }
}
