/** Lines of access logs that are not delivered yet. */
import type { Queryable } from './buckets.ts'

export interface AccessLine {
  bucketId: number
  /** Beginning of the hour that the request came in. */
  hour: Date
  line: string
}

/** Lines of buckets that are gone are left out. */
export async function insertAccessLines(db: Queryable, lines: readonly AccessLine[]): Promise<void> {
  await db.query(
    `insert into oss.access_lines (bucket_id, hour, line)
     select l.bucket_id, l.hour, l.line
     from unnest($1::bigint[], $2::timestamptz[], $3::text[]) with ordinality as l(bucket_id, hour, line, place)
     where exists (select 1 from oss.buckets b where b.bucket_id = l.bucket_id) order by place`,
    [lines.map((one) => one.bucketId), lines.map((one) => one.hour), lines.map((one) => one.line)],
  )
}

/** Hours before `before` of which there are lines, by bucket. */
export async function listLoggedHours(db: Queryable, before: Date): Promise<{ bucketId: number; hour: Date }[]> {
  const { rows } = await db.query<{ bucket_id: number; hour: Date }>(
    'select distinct bucket_id, hour from oss.access_lines where hour < $1 order by hour, bucket_id',
    [before],
  )
  return rows.map((row) => ({ bucketId: row.bucket_id, hour: row.hour }))
}

/** The first lines of an hour, and the number of the first and the last. */
export async function readAccessLines(
  db: Queryable,
  { bucketId, hour }: Pick<AccessLine, 'bucketId' | 'hour'>,
  limit: number,
): Promise<{ lines: string[]; firstId: number; lastId: number } | undefined> {
  const { rows } = await db.query<{ line_id: number; line: string }>(
    'select line_id, line from oss.access_lines where bucket_id = $1 and hour = $2 order by line_id limit $3',
    [bucketId, hour, limit],
  )
  const [first, last] = [rows[0], rows.at(-1)]
  return first && last && { lines: rows.map((row) => row.line), firstId: first.line_id, lastId: last.line_id }
}

/** Removes the lines of an hour up to one of them; all when none is given. */
export async function removeAccessLines(
  db: Queryable,
  { bucketId, hour }: Pick<AccessLine, 'bucketId' | 'hour'>,
  lastId: number = Number.MAX_SAFE_INTEGER,
): Promise<void> {
  await db.query('delete from oss.access_lines where bucket_id = $1 and hour = $2 and line_id <= $3', [
    bucketId,
    hour,
    lastId,
  ])
}
