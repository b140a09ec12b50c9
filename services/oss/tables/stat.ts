import type { Queryable } from './buckets.ts'

export interface BucketStat {
  /** Current and older versions. */
  byClass: Map<string, { bytes: number; objects: number }>
  markers: number
  uploads: number
  parts: number
}

export async function readBucketStat(db: Queryable, bucketId: number): Promise<BucketStat> {
  const classes = await db.query<{ storage_class: string; bytes: string; objects: number }>(
    `select storage_class, sum(bytes) as bytes, count(*) as objects from (
       select storage_class, bytes from oss.objects where bucket_id = $1
       union all select storage_class, bytes from oss.versions where bucket_id = $1 and not is_marker
     ) as held group by storage_class`,
    [bucketId],
  )
  const { rows } = await db.query<Record<'markers' | 'uploads' | 'parts', number>>(
    `select (select count(*) from oss.versions where bucket_id = $1 and is_marker) as markers,
       (select count(*) from oss.uploads where bucket_id = $1) as uploads,
       (select count(*) from oss.parts join oss.uploads using (upload_id) where bucket_id = $1) as parts`,
    [bucketId],
  )
  const { markers = 0, uploads = 0, parts = 0 } = rows[0] ?? {}
  const byClass = new Map(
    classes.rows.map((row) => [row.storage_class, { bytes: Number(row.bytes), objects: row.objects }]),
  )
  return { byClass, markers, uploads, parts }
}
