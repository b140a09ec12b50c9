import type { Store } from '@pileus/kernel/store/store'
import type { NewObject, StoredObject } from '../domain/stored-object.ts'
import type { Queryable } from './buckets.ts'
import { Together } from './together.ts'

export interface ObjectRow {
  key: string
  version_seq: number
  version_id: string | null
  location: string | null
  segment_set: number | null
  bytes: number
  etag: string
  crc64: string | null
  content_type: string
  meta: StoredObject['meta'] | null
  tags: StoredObject['tags'] | null
  object_type: StoredObject['type']
  storage_class: StoredObject['storageClass']
  acl: NonNullable<StoredObject['acl']> | null
  modified_at: Date
  restore: StoredObject['restore'] | null
  is_marker?: boolean
}

export function objectOf(row: ObjectRow): StoredObject {
  return {
    key: row.key,
    versionSeq: row.version_seq,
    versionId: row.version_id ?? undefined,
    location: row.location ?? undefined,
    segmentSet: row.segment_set ?? undefined,
    bytes: row.bytes,
    etag: row.etag,
    crc64: row.crc64 ?? undefined,
    contentType: row.content_type,
    meta: row.meta ?? {},
    tags: row.tags ?? [],
    type: row.object_type,
    storageClass: row.storage_class,
    acl: row.acl ?? undefined,
    modifiedAt: row.modified_at,
    restore: row.restore ?? undefined,
    isMarker: row.is_marker ?? false,
  }
}

/**
 * The current version, or undefined when there is none (also when a delete marker is newest). Outside of a transaction
 * what is asked at the same time shares a statement.
 */
export async function findObject(db: Queryable, bucketId: number, key: string): Promise<StoredObject | undefined> {
  if (isPool(db)) return await sharedOf(db).finds.ask({ bucketId, key })
  const { rows } = await db.query<ObjectRow>({
    name: 'oss.find-object',
    text: 'select * from oss.objects where bucket_id = $1 and key = $2',
    values: [bucketId, key],
  })
  return rows[0] && objectOf(rows[0])
}

/** One version, current or not; `versionId` is undefined for the null version. */
export async function findVersion(
  db: Queryable,
  bucketId: number,
  key: string,
  versionId: string | undefined,
): Promise<StoredObject | undefined> {
  const { rows } = await db.query<ObjectRow>({
    name: 'oss.find-version',
    text: `select o.*, false as is_marker from oss.objects o
             where bucket_id = $1 and key = $2 and version_id is not distinct from $3
           union all
           select v.* from oss.versions v where bucket_id = $1 and key = $2 and version_id is not distinct from $3`,
    values: [bucketId, key, versionId ?? null],
  })
  return rows[0] && objectOf(rows[0])
}

/** The delete marker that hides a key which has no current version. */
export async function findHidingMarker(
  db: Queryable,
  bucketId: number,
  key: string,
): Promise<StoredObject | undefined> {
  const { rows } = await db.query<ObjectRow>(
    'select * from oss.versions where bucket_id = $1 and key = $2 order by version_seq desc limit 1',
    [bucketId, key],
  )
  return rows[0]?.is_marker ? objectOf(rows[0]) : undefined
}

export interface PutOutcome {
  outcome: 'done' | 'exists' | 'gone'
  /** Set when the bucket keeps versions. */
  versionId: string | undefined
}

interface Put {
  bucketId: number
  object: NewObject
  how: { at: Date; versionId: string; forbidOverwrite: boolean }
}

/**
 * Makes `object` the current version; what it replaces is kept or becomes garbage, as the bucket's versioning has it.
 * Outside of a transaction what is put at the same time is committed together.
 */
export async function putObject(
  db: Queryable,
  bucketId: number,
  object: NewObject,
  how: Put['how'],
): Promise<PutOutcome> {
  const put = { bucketId, object, how }
  if (isPool(db)) return await sharedOf(db).puts.ask(put)
  const [outcome] = await putObjects(db, [put])
  return outcome!
}

const putColumns: readonly [type: string, value: (put: Put) => unknown][] = [
  ['bigint', (put) => put.bucketId],
  ['text', (put) => put.object.key],
  ['text', (put) => put.object.location ?? null],
  ['bigint', (put) => put.object.segmentSet ?? null],
  ['bigint', (put) => put.object.bytes],
  ['text', (put) => put.object.etag],
  ['text', (put) => put.object.crc64 ?? null],
  ['text', (put) => put.object.contentType],
  ['jsonb', (put) => JSON.stringify(put.object.meta)],
  ['jsonb', (put) => (put.object.tags.length > 0 ? JSON.stringify(put.object.tags) : null)],
  ['text', (put) => put.object.type],
  ['text', (put) => put.object.storageClass],
  ['text', (put) => put.object.acl ?? null],
  ['timestamptz', (put) => put.how.at],
  ['text', (put) => put.how.versionId],
  ['boolean', (put) => put.how.forbidOverwrite],
]
const putNames = putColumns.map((_, i) => `c${i + 1}`)
const putStatement = `
  select put.ordinal, done.outcome, done.version_id
    from unnest(${putColumns.map(([type], i) => `$${i + 1}::${type}[]`).join(', ')})
      with ordinality as put(${putNames.join(', ')}, ordinal),
    lateral oss.put_object(${putNames.map((name) => `put.${name}`).join(', ')}) as done`

/** Answers in the order of `puts`; all are committed or none. */
async function putObjects(db: Queryable, puts: readonly Put[]): Promise<PutOutcome[]> {
  // Each takes its keys' locks in the same order as others do, or they would wait for each other.
  const order = puts.map((_, i) => i)
  order.sort((a, b) => comparePlaces(puts[a]!, puts[b]!) || a - b)
  const { rows } = await db.query<{ ordinal: number; outcome: PutOutcome['outcome']; version_id: string | null }>({
    name: 'oss.put-objects',
    text: putStatement,
    values: putColumns.map(([, value]) => order.map((i) => value(puts[i]!))),
  })
  if (rows.length !== puts.length) throw new Error('put_object answers one row')
  const outcomes: PutOutcome[] = []
  for (const row of rows) {
    outcomes[order[row.ordinal - 1]!] = { outcome: row.outcome, versionId: row.version_id ?? undefined }
  }
  return outcomes
}

function comparePlaces(a: Put, b: Put): number {
  if (a.bucketId !== b.bucketId) return a.bucketId - b.bucketId
  return a.object.key < b.object.key ? -1 : a.object.key > b.object.key ? 1 : 0
}

interface Find {
  bucketId: number
  key: string
}

async function findObjects(db: Queryable, finds: readonly Find[]): Promise<(StoredObject | undefined)[]> {
  const found = Array<StoredObject | undefined>(finds.length).fill(undefined)
  // Lateral, so that it is one look into the index for each, whatever the planner thinks of the table.
  const { rows } = await db.query<ObjectRow & { ordinal: number }>({
    name: 'oss.find-objects',
    text: `select find.ordinal, o.* from unnest($1::bigint[], $2::text[]) with ordinality as find(bucket_id, key, ordinal),
             lateral (select * from oss.objects o where o.bucket_id = find.bucket_id and o.key = find.key limit 1) o`,
    values: [finds.map((find) => find.bucketId), finds.map((find) => find.key)],
  })
  for (const row of rows) found[row.ordinal - 1] = objectOf(row)
  return found
}

/** A pool outside of any transaction, rather than the client of one. */
function isPool(db: Queryable): db is Store['pool'] {
  return 'totalCount' in db
}

interface Shared {
  finds: Together<Find, StoredObject | undefined>
  puts: Together<Put, PutOutcome>
}

const shared = new WeakMap<Store['pool'], Shared>()

function sharedOf(pool: Store['pool']): Shared {
  let one = shared.get(pool)
  if (!one) {
    one = {
      finds: new Together({ ask: (finds) => findObjects(pool, finds), maxQuestions: 100, maxStatements: 3 }),
      puts: new Together({ ask: (puts) => putObjects(pool, puts), maxQuestions: 100, maxStatements: 3 }),
    }
    shared.set(pool, one)
  }
  return one
}

export type DeleteOutcome =
  | { outcome: 'gone' }
  | { outcome: 'deleted' }
  /** A marker hides the key; its id. */
  | { outcome: 'marked'; versionId: string | undefined }

export async function deleteObject(
  db: Queryable,
  bucketId: number,
  key: string,
  how: { at: Date; versionId: string },
): Promise<DeleteOutcome> {
  const { rows } = await db.query<{ outcome: DeleteOutcome['outcome']; version_id: string | null }>({
    name: 'oss.delete-object',
    text: 'select * from oss.delete_object($1,$2,$3,$4)',
    values: [bucketId, key, how.at, how.versionId],
  })
  const [row] = rows
  if (!row) throw new Error('delete_object answers one row')
  return row.outcome === 'marked'
    ? { outcome: 'marked', versionId: row.version_id ?? undefined }
    : { outcome: row.outcome }
}

/** Removes one version for good, and says what it was. */
export async function deleteVersion(
  db: Queryable,
  bucketId: number,
  key: string,
  versionId: string | undefined,
): Promise<'gone' | 'none' | 'object' | 'marker'> {
  const { rows } = await db.query<{ outcome: 'gone' | 'none' | 'object' | 'marker' }>({
    name: 'oss.delete-version',
    text: 'select oss.delete_version($1,$2,$3) as outcome',
    values: [bucketId, key, versionId ?? null],
  })
  return rows[0]?.outcome ?? 'none'
}

export interface Segment {
  offset: number
  bytes: number
  location: string
}

/** Segments that hold bytes of `offset` to `offset + length - 1`, in order. */
export async function listSegments(
  db: Queryable,
  segmentSet: number,
  range: { offset: number; length: number },
): Promise<Segment[]> {
  const { rows } = await db.query<{ at_offset: number; bytes: number; location: string }>(
    `select at_offset, bytes, location from oss.segments
     where segment_set = $1 and at_offset < $3 and at_offset + bytes > $2 order by at_offset`,
    [segmentSet, range.offset, range.offset + range.length],
  )
  return rows.map((row) => ({ offset: row.at_offset, bytes: row.bytes, location: row.location }))
}

/** The same version again, held until the transaction ends; undefined when it is gone. */
export async function lockVersion(
  db: Queryable,
  bucketId: number,
  { key, versionSeq }: Pick<StoredObject, 'key' | 'versionSeq'>,
): Promise<StoredObject | undefined> {
  for (const table of ['objects', 'versions']) {
    const { rows } = await db.query<ObjectRow>(
      `select * from oss.${table} where bucket_id = $1 and key = $2 and version_seq = $3 for update`,
      [bucketId, key, versionSeq],
    )
    if (rows[0]) return objectOf(rows[0])
  }
  return undefined
}

/** Makes a set of the same segments; answers its number. */
export async function copySegments(db: Queryable, segmentSet: number): Promise<number> {
  const { rows } = await db.query<{ id: number }>(`select nextval('oss.segment_sets') as id`)
  const { id } = rows[0]!
  await db.query(
    `insert into oss.segments (segment_set, at_offset, bytes, location)
     select $1, at_offset, bytes, location from oss.segments where segment_set = $2`,
    [id, segmentSet],
  )
  return id
}

/** Changes one property of the current version, or of a given one; undefined when there is no such version. */
export async function updateVersion(
  db: Queryable,
  bucketId: number,
  key: string,
  version: { id: string | undefined } | undefined,
  change: { acl: string | null } | { tags: StoredObject['tags'] | null } | { restore: StoredObject['restore'] | null },
): Promise<StoredObject | undefined> {
  const [column, value] = Object.entries(change)[0]!
  const json = column === 'acl' || value === null ? value : JSON.stringify(value)
  const which = version ? 'and version_id is not distinct from $4' : ''
  const values = [bucketId, key, json, ...(version ? [version.id ?? null] : [])]
  const set = `set ${column} = $3 where bucket_id = $1 and key = $2 ${which}`
  const current = await db.query<ObjectRow>(`update oss.objects ${set} returning *`, values)
  if (current.rows[0]) return objectOf(current.rows[0])
  if (!version) return undefined
  const older = await db.query<ObjectRow>(`update oss.versions ${set} and not is_marker returning *`, values)
  return older.rows[0] && objectOf(older.rows[0])
}

/** Keeps others from writing the key until the transaction ends. */
export async function holdKey(db: Queryable, bucketId: number, key: string): Promise<void> {
  await db.query('select oss.hold($1::bigint, $2)', [bucketId, key])
}

/** Adds a segment to the end of an appendable object, whose key is held. */
export async function growObject(
  db: Queryable,
  bucketId: number,
  object: StoredObject,
  whole: { bytes: number; etag: string; crc64: string; at: Date },
  segment: Segment,
): Promise<void> {
  if (segment.bytes > 0) {
    await db.query('insert into oss.segments (segment_set, at_offset, bytes, location) values ($1, $2, $3, $4)', [
      object.segmentSet,
      segment.offset,
      segment.bytes,
      segment.location,
    ])
  }
  await db.query(
    'update oss.objects set bytes = $3, etag = $4, crc64 = $5, modified_at = $6 where bucket_id = $1 and key = $2',
    [bucketId, object.key, whole.bytes, whole.etag, whole.crc64, whole.at],
  )
}
