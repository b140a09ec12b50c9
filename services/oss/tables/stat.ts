/** What a bucket holds, from counters that triggers keep: `stats`, and steps that are not folded into it yet. */
import type { Queryable } from './buckets.ts'

export interface BucketStat {
  /** Current and older versions. */
  byClass: Map<string, { bytes: number; objects: number }>
  markers: number
  uploads: number
  parts: number
}

export async function readBucketStat(db: Queryable, bucketId: number): Promise<BucketStat> {
  const classes = await db.query<{ storage_class: string; bytes: string; objects: string; markers: string }>(
    `select storage_class, sum(bytes) as bytes, sum(objects) as objects, sum(markers) as markers from (
       select storage_class, bytes, objects, markers from oss.stats where bucket_id = $1
       union all select storage_class, bytes, objects, markers from oss.stat_steps where bucket_id = $1
     ) as held group by storage_class`,
    [bucketId],
  )
  const { rows } = await db.query<Record<'uploads' | 'parts', number>>(
    `select (select count(*) from oss.uploads where bucket_id = $1) as uploads,
       (select count(*) from oss.parts join oss.uploads using (upload_id) where bucket_id = $1) as parts`,
    [bucketId],
  )
  const { uploads = 0, parts = 0 } = rows[0] ?? {}
  const byClass = new Map(
    classes.rows.map((row) => [row.storage_class, { bytes: Number(row.bytes), objects: Number(row.objects) }]),
  )
  const markers = classes.rows.reduce((sum, row) => sum + Number(row.markers), 0)
  return { byClass, markers, uploads, parts }
}

/** Folds up to `limit` steps; answers how many. Those of buckets that are gone go too. */
export async function foldStatSteps(db: Queryable, limit: number): Promise<number> {
  const { rows } = await db.query<{ n: number }>(
    `with gone as (
       delete from oss.stat_steps where ctid = any(array(
         select ctid from oss.stat_steps limit $1 for update skip locked))
       returning *),
     sums as (
       select g.bucket_id, g.storage_class, sum(g.objects) as objects, sum(g.bytes) as bytes, sum(g.markers) as markers
       from gone g where exists (select 1 from oss.buckets b where b.bucket_id = g.bucket_id)
       group by 1, 2 order by 1, 2),
     folded as (
       insert into oss.stats (bucket_id, storage_class, objects, bytes, markers)
       select * from sums
       on conflict (bucket_id, storage_class) do update set objects = oss.stats.objects + excluded.objects,
         bytes = oss.stats.bytes + excluded.bytes, markers = oss.stats.markers + excluded.markers
       returning 1)
     select count(*) as n from gone`,
    [limit],
  )
  return rows[0]?.n ?? 0
}
