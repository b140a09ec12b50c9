import type { CorruptLocation } from '@pileus/kernel/fabric/bytes'
import type { Queryable } from './buckets.ts'

/** An object, or a version or part of one, whose bytes are damaged on disk. */
export interface DamagedObject {
  bucket: string
  key: string
  reason: string
  /** ISO 8601. */
  foundAt: string
}

/** Notes damage; found again, it keeps its time. */
export async function noteDamage(db: Queryable, { location, reason }: CorruptLocation, at: Date): Promise<void> {
  await db.query(
    'insert into oss.damaged (location, reason, found_at) values ($1, $2, $3) on conflict (location) do nothing',
    [location, reason, at],
  )
}

/** The latest found first. What has been overwritten or deleted meanwhile is not damage any more. */
export async function listDamagedObjects(db: Queryable, limit: number): Promise<DamagedObject[]> {
  const { rows } = await db.query<{ bucket: string; key: string; reason: string; found_at: Date }>(
    `select distinct on (d.found_at, d.location) b.name as bucket, held.key, d.reason, d.found_at
       from oss.damaged d
       cross join lateral (
         select bucket_id, key from oss.objects o where o.location = d.location
           and split_part(o.location, '.', 1) = split_part(d.location, '.', 1)
         union all
         select bucket_id, key from oss.versions v where v.location = d.location
           and split_part(v.location, '.', 1) = split_part(d.location, '.', 1)
         union all
         select coalesce(o.bucket_id, v.bucket_id), coalesce(o.key, v.key) from oss.segments s
           left join oss.objects o on o.segment_set = s.segment_set
           left join oss.versions v on v.segment_set = s.segment_set
           where s.location = d.location and split_part(s.location, '.', 1) = split_part(d.location, '.', 1)
         union all
         select u.bucket_id, u.key from oss.parts p join oss.uploads u using (upload_id)
           where p.location = d.location and split_part(p.location, '.', 1) = split_part(d.location, '.', 1)
       ) held
       join oss.buckets b on b.bucket_id = held.bucket_id
       order by d.found_at desc, d.location limit $1`,
    [limit],
  )
  return rows.map((row) => ({
    bucket: row.bucket,
    key: row.key,
    reason: row.reason,
    foundAt: row.found_at.toISOString(),
  }))
}

/** When the last whole scrub ended. */
export async function findScrubEnd(db: Queryable): Promise<Date | undefined> {
  const { rows } = await db.query<{ ended_at: Date }>('select ended_at from oss.scrubs')
  return rows[0]?.ended_at
}

/** Ends a whole scrub: damage that was found before it began and not again is gone. */
export async function endScrub(db: Queryable, found: readonly string[], at: Date): Promise<void> {
  await db.query('delete from oss.damaged where not (location = any($1))', [found])
  await db.query(
    `insert into oss.scrubs (ended_at) values ($1) on conflict (only_row) do update set ended_at = excluded.ended_at`,
    [at],
  )
}
