import type { Queryable } from './buckets.ts'

export interface AccessTime {
  bucketId: number
  key: string
  at: Date
}

/** Keeps the latest of each key. Those of buckets that are gone are left out. */
export async function saveAccessTimes(db: Queryable, times: readonly AccessTime[]): Promise<void> {
  await db.query(
    `insert into oss.access_times (bucket_id, key, accessed_at)
     select t.bucket_id, t.key, max(t.at) from unnest($1::bigint[], $2::text[], $3::timestamptz[]) as t(bucket_id, key, at)
     where exists (select 1 from oss.buckets b where b.bucket_id = t.bucket_id)
     group by 1, 2 order by 1, 2
     on conflict (bucket_id, key) do update
       set accessed_at = greatest(oss.access_times.accessed_at, excluded.accessed_at)`,
    [times.map((one) => one.bucketId), times.map((one) => one.key), times.map((one) => one.at)],
  )
}

export async function findAccessTime(db: Queryable, bucketId: number, key: string): Promise<Date | undefined> {
  const { rows } = await db.query<{ accessed_at: Date }>(
    'select accessed_at from oss.access_times where bucket_id = $1 and key = $2',
    [bucketId, key],
  )
  return rows[0]?.accessed_at
}
