/** Pages of all versions: by key, the newest of a key first. */
import type { StoredObject } from '../domain/stored-object.ts'
import type { Queryable } from './buckets.ts'
import { endOfPrefix, isBefore, successorOf } from './listing.ts'
import { type ObjectRow, objectOf } from './objects.ts'

export interface VersionQuery {
  prefix: string
  delimiter: string
  keyMarker: string
  /** As the API has it, with `null`; empty to go on with the next key. */
  versionIdMarker: string
  limit: number
}

export type VersionEntry =
  | { kind: 'version'; object: StoredObject; isLatest: boolean }
  | { kind: 'prefix'; prefix: string }

export interface VersionPage {
  entries: VersionEntry[]
  isTruncated: boolean
}

interface Position {
  key: string
  /** Versions of `key` come from below this one on. */
  belowSeq: number
}

const aboveAll = Number.MAX_SAFE_INTEGER

export async function listVersions(db: Queryable, bucketId: number, query: VersionQuery): Promise<VersionPage> {
  const { prefix, delimiter, limit } = query
  const entries: VersionEntry[] = []
  let position: Position | undefined = await startOf(db, bucketId, query)
  let isFirstOfKey = position.belowSeq === aboveAll
  let before = isFirstOfKey ? undefined : position.key
  while (position) {
    const rows: StoredObject[] = await readFrom(db, bucketId, prefix, position, limit + 1)
    let next: Position | undefined
    for (const object of rows) {
      const at = delimiter === '' ? -1 : object.key.indexOf(delimiter, prefix.length)
      if (entries.length >= limit) return { entries, isTruncated: true }
      if (at !== -1) {
        const common = object.key.slice(0, at + delimiter.length)
        entries.push({ kind: 'prefix', prefix: common })
        // Whatever hides behind the prefix is jumped over.
        next = { key: endOfPrefix(common), belowSeq: aboveAll }
        break
      }
      isFirstOfKey = object.key !== before
      before = object.key
      entries.push({ kind: 'version', object, isLatest: isFirstOfKey })
      next = { key: object.key, belowSeq: object.versionSeq }
    }
    position = rows.length === 0 ? undefined : next
  }
  return { entries, isTruncated: false }
}

async function startOf(db: Queryable, bucketId: number, query: VersionQuery): Promise<Position> {
  const { prefix, delimiter, keyMarker, versionIdMarker } = query
  if (keyMarker === '' || isBefore(keyMarker, prefix)) return { key: prefix, belowSeq: aboveAll }
  const at = delimiter === '' || !keyMarker.startsWith(prefix) ? -1 : keyMarker.indexOf(delimiter, prefix.length)
  if (at !== -1) {
    return { key: endOfPrefix(keyMarker.slice(0, at + delimiter.length)), belowSeq: aboveAll }
  }
  const after = { key: `${keyMarker}\u0001`, belowSeq: aboveAll }
  if (versionIdMarker === '') return after
  const id = versionIdMarker === 'null' ? null : versionIdMarker
  const { rows } = await db.query<{ version_seq: number }>(
    `select version_seq from oss.objects where bucket_id = $1 and key = $2 and version_id is not distinct from $3
     union all
     select version_seq from oss.versions where bucket_id = $1 and key = $2 and version_id is not distinct from $3`,
    [bucketId, keyMarker, id],
  )
  return rows[0] ? { key: keyMarker, belowSeq: rows[0].version_seq } : after
}

async function readFrom(
  db: Queryable,
  bucketId: number,
  prefix: string,
  { key, belowSeq }: Position,
  limit: number,
): Promise<StoredObject[]> {
  const from = '(key > $2 or (key = $2 and version_seq < $3)) and key >= $2 and ($4::text is null or key < $4)'
  const part = (table: string, columns: string) =>
    `(select ${columns} from oss.${table} t where bucket_id = $1 and ${from} order by key, version_seq desc limit $5)`
  const { rows } = await db.query<ObjectRow>({
    name: 'oss.list-versions',
    text: `select * from (${part('objects', 't.*, false as is_marker')} union all ${part('versions', 't.*')}) as found
           order by key, version_seq desc limit $5`,
    values: [bucketId, key, belowSeq, prefix === '' ? null : (successorOf(prefix) ?? null), limit],
  })
  return rows.map(objectOf)
}
