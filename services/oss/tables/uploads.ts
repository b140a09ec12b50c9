import type { Acl, StorageClass, Tag } from '../domain/bucket.ts'
import type { ObjectMeta } from '../domain/stored-object.ts'
import type { RunningMd5 } from '../running-md5.ts'
import type { Queryable } from './buckets.ts'

/** What the object will be, said when the upload began. */
export interface UploadFacts {
  contentType: string
  meta: ObjectMeta
  tags: Tag[]
  storageClass: StorageClass
  acl?: Acl
  isSequential: boolean
}

export interface Upload {
  uploadId: string
  key: string
  facts: UploadFacts
  initiatedAt: Date
}

export interface Part {
  partNumber: number
  location: string
  bytes: number
  /** Lower-case hex. */
  md5: string
  crc64: string
  modifiedAt: Date
  /** Of the object up to the end of this part; only where parts come in order. */
  runningMd5?: RunningMd5 | undefined
}

interface UploadRow {
  upload_id: string
  key: string
  facts: UploadFacts
  initiated_at: Date
}

const uploadOf = (row: UploadRow): Upload => ({
  uploadId: row.upload_id,
  key: row.key,
  facts: row.facts,
  initiatedAt: row.initiated_at,
})

/** False when the bucket is gone. */
export async function insertUpload(db: Queryable, bucketId: number, upload: Upload): Promise<boolean> {
  const { rowCount } = await db.query(
    `with held as (select oss.hold($2::bigint, $3) as state)
     insert into oss.uploads (upload_id, bucket_id, key, facts, initiated_at)
     select $1, $2, $3, $4, $5 from held where state <> 'gone'`,
    [upload.uploadId, bucketId, upload.key, JSON.stringify(upload.facts), upload.initiatedAt],
  )
  return rowCount === 1
}

export async function findUpload(
  db: Queryable,
  bucketId: number,
  key: string,
  uploadId: string,
  lock: '' | 'for update' | 'for share' = '',
): Promise<Upload | undefined> {
  const { rows } = await db.query<UploadRow>(
    `select * from oss.uploads where upload_id = $1 and bucket_id = $2 and key = $3 ${lock}`,
    [uploadId, bucketId, key],
  )
  return rows[0] && uploadOf(rows[0])
}

/** Keeps a part in place of one with the same number. False when the upload is gone. */
export async function putPart(db: Queryable, uploadId: string, part: Part): Promise<boolean> {
  const { rows } = await db.query<{ kept: boolean }>({
    name: 'oss.put-part',
    // The upload's row is locked first, so that completing sees all parts or none comes.
    text: `with upload as (select upload_id from oss.uploads where upload_id = $1 for key share),
      old as (select p.location from oss.parts p, upload where p.upload_id = $1 and p.part_number = $2 for update of p),
      kept as (
        insert into oss.parts (upload_id, part_number, location, bytes, md5, crc64, modified_at, running_md5)
        select upload_id, $2, $3, $4, $5, $6, $7, $8::jsonb from upload
        on conflict (upload_id, part_number) do update set location = excluded.location, bytes = excluded.bytes,
          md5 = excluded.md5, crc64 = excluded.crc64, modified_at = excluded.modified_at,
          running_md5 = excluded.running_md5
        returning 1),
      garbage as (insert into oss.garbage (location) select location from old)
      select exists (select 1 from kept) as kept`,
    values: [
      ...[uploadId, part.partNumber, part.location, part.bytes, part.md5, part.crc64, part.modifiedAt],
      part.runningMd5 ? JSON.stringify(part.runningMd5) : null,
    ],
  })
  return rows[0]?.kept ?? false
}

export async function listParts(
  db: Queryable,
  uploadId: string,
  page: { after: number; limit: number },
): Promise<Part[]> {
  const { rows } = await db.query<{
    part_number: number
    location: string
    bytes: number
    md5: string
    crc64: string
    modified_at: Date
    running_md5: RunningMd5 | null
  }>('select * from oss.parts where upload_id = $1 and part_number > $2 order by part_number limit $3', [
    uploadId,
    page.after,
    page.limit,
  ])
  return rows.map((row) => ({
    partNumber: row.part_number,
    location: row.location,
    bytes: row.bytes,
    md5: row.md5,
    crc64: row.crc64,
    modifiedAt: row.modified_at,
    runningMd5: row.running_md5 ?? undefined,
  }))
}

/** Ends the upload. Parts that `keep` does not name become garbage. */
export async function removeUpload(db: Queryable, uploadId: string, keep: readonly number[]): Promise<void> {
  await db.query(
    `insert into oss.garbage (location)
     select location from oss.parts where upload_id = $1 and not part_number = any($2)`,
    [uploadId, keep],
  )
  await db.query('delete from oss.uploads where upload_id = $1', [uploadId])
}

/** Makes parts the segments of a new set, in order; answers its number. */
export async function insertSegments(
  db: Queryable,
  segments: readonly { offset: number; bytes: number; location: string }[],
): Promise<number> {
  const { rows } = await db.query<{ id: number }>(`select nextval('oss.segment_sets') as id`)
  const id = rows[0]!.id
  await db.query(
    `insert into oss.segments (segment_set, at_offset, bytes, location)
     select $1, * from unnest($2::bigint[], $3::bigint[], $4::text[])`,
    [id, segments.map((one) => one.offset), segments.map((one) => one.bytes), segments.map((one) => one.location)],
  )
  return id
}

export interface UploadFilter {
  prefix: string
  keyMarker: string
  uploadIdMarker: string
  limit: number
}

/** Uploads under way, by key and then by id. */
export async function listUploads(db: Queryable, bucketId: number, filter: UploadFilter): Promise<Upload[]> {
  const { rows } = await db.query<UploadRow>(
    `select * from oss.uploads where bucket_id = $1 and starts_with(key, $2)
       and (key > $3 or (key = $3 and $4 <> '' and upload_id > $4))
     order by key, upload_id limit $5`,
    [bucketId, filter.prefix, filter.keyMarker, filter.uploadIdMarker, filter.limit],
  )
  return rows.map(uploadOf)
}
