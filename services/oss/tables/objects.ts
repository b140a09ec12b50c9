import type { NewObject, StoredObject } from '../domain/stored-object.ts'
import type { Queryable } from './buckets.ts'

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

/** The current version, or undefined when there is none (also when a delete marker is newest). */
export async function findObject(db: Queryable, bucketId: number, key: string): Promise<StoredObject | undefined> {
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

/** Makes `object` the current version; what it replaces is kept or becomes garbage, as the bucket's versioning has it. */
export async function putObject(
  db: Queryable,
  bucketId: number,
  object: NewObject,
  how: { at: Date; versionId: string; forbidOverwrite: boolean },
): Promise<PutOutcome> {
  const { rows } = await db.query<{ outcome: PutOutcome['outcome']; version_id: string | null }>({
    name: 'oss.put-object',
    text: 'select * from oss.put_object($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,$16)',
    values: [
      bucketId,
      object.key,
      object.location ?? null,
      object.segmentSet ?? null,
      object.bytes,
      object.etag,
      object.crc64 ?? null,
      object.contentType,
      JSON.stringify(object.meta),
      object.tags.length > 0 ? JSON.stringify(object.tags) : null,
      object.type,
      object.storageClass,
      object.acl ?? null,
      how.at,
      how.versionId,
      how.forbidOverwrite,
    ],
  })
  const [row] = rows
  if (!row) throw new Error('put_object answers one row')
  return { outcome: row.outcome, versionId: row.version_id ?? undefined }
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
