/**
 * Pages of all versions: by key, the newest of a key first. Without a delimiter a page is one range of both tables.
 * With one, the database steps from entry to entry, each step a few probes of the primary keys, and jumps over what is
 * behind a common prefix; so a page costs the same however much that is.
 */
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
  const start = await startOf(db, bucketId, query)
  const found =
    query.delimiter === ''
      ? (await readFrom(db, bucketId, query.prefix, start, query.limit + 1)).map(whole)
      : await readDelimited(db, bucketId, query, start)
  let before = start.belowSeq === aboveAll ? undefined : start.key
  const entries = found.slice(0, query.limit).map((entry): VersionEntry => {
    if (entry.kind === 'prefix') return entry
    const isLatest = entry.object.key !== before
    before = entry.object.key
    return { ...entry, isLatest }
  })
  return { entries, isTruncated: found.length > query.limit }
}

type Found = { kind: 'version'; object: StoredObject } | { kind: 'prefix'; prefix: string }

const whole = (object: StoredObject): Found => ({ kind: 'version', object })

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

/** One entry more than a page has, if there are so many. */
async function readDelimited(
  db: Queryable,
  bucketId: number,
  { prefix, delimiter, limit }: VersionQuery,
  { key, belowSeq }: Position,
): Promise<Found[]> {
  const { rows } = await db.query<ObjectRow & { common: string | null }>({
    name: 'oss.list-versions-delimited',
    text: delimitedSql,
    values: [
      bucketId,
      key,
      belowSeq === aboveAll ? null : belowSeq,
      prefix === '' ? null : (successorOf(prefix) ?? null),
      limit + 1,
      [...prefix].length,
      delimiter,
      endOfPrefix(delimiter),
    ],
  })
  return rows.map((row) => (row.common === null ? whole(objectOf(row)) : { kind: 'prefix', prefix: row.common }))
}

/**
 * A step goes on to the next older version of its key, else to the newest of the next key. Row 0 is where the page
 * begins: at `key` when it has no `seq`, else below that version of it.
 */
const delimitedSql = `
  with recursive page as (
    select 0 as n, $2::text collate "C" as key, $3::bigint as seq, null::text collate "C" as common
    union all
    select page.n + 1, coalesce(next.key, page.key),
      case when next.key is null then older.seq when cut.common is null then newest.seq end, cut.common
    from page
    cross join lateral (
      select case when page.common is null and page.seq is not null then greatest(
        (select o.version_seq from oss.objects o
          where o.bucket_id = $1 and o.key = page.key and o.version_seq < page.seq),
        (select max(v.version_seq) from oss.versions v
          where v.bucket_id = $1 and v.key = page.key and v.version_seq < page.seq)) end as seq
    ) older
    cross join lateral (
      select case when page.common is not null then left(page.common, length(page.common) - length($7)) || $8
        when page.seq is null then page.key else page.key || chr(1) end as key
    ) bound
    cross join lateral (
      select case when older.seq is null then least(
        (select o.key from oss.objects o
          where o.bucket_id = $1 and o.key >= bound.key and ($4::text is null or o.key < $4) order by o.key limit 1),
        (select v.key from oss.versions v
          where v.bucket_id = $1 and v.key >= bound.key and ($4::text is null or v.key < $4) order by v.key limit 1))
        end as key
    ) next
    cross join lateral (
      select case when position($7 in substr(next.key, $6 + 1)) > 0
        then left(next.key, $6 + position($7 in substr(next.key, $6 + 1)) - 1 + length($7)) end as common
    ) cut
    cross join lateral (
      select case when cut.common is null then greatest(
        (select o.version_seq from oss.objects o where o.bucket_id = $1 and o.key = next.key),
        (select max(v.version_seq) from oss.versions v where v.bucket_id = $1 and v.key = next.key)) end as seq
    ) newest
    where page.n < $5 and (older.seq is not null or next.key is not null)
  )
  select page.common, found.* from page
  left join lateral (
    select o.*, false as is_marker from oss.objects o
      where page.common is null and o.bucket_id = $1 and o.key = page.key and o.version_seq = page.seq
    union all
    select v.* from oss.versions v
      where page.common is null and v.bucket_id = $1 and v.key = page.key and v.version_seq = page.seq
  ) found on true
  where page.n > 0 and (page.common is not null or found.key is not null)
  order by page.n`
