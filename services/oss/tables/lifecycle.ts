/** How far lifecycle rules have come in each bucket, what they look at and what they do. */
import type { AccessMonitor } from '../domain/access-monitor.ts'
import type { Bucket } from '../domain/bucket.ts'
import type { LifecycleRule } from '../domain/lifecycle.ts'
import type { LifecycleAction } from '../domain/lifecycle-plan.ts'
import type { StoredObject } from '../domain/stored-object.ts'
import type { Worm } from '../domain/worm.ts'
import type { Queryable } from './buckets.ts'
import { type ObjectRow, objectOf } from './objects.ts'

/** One bucket's walk of a day: over its keys, then over its uploads. */
export interface LifecycleRun {
  bucketId: number
  versioning: Bucket['versioning']
  rules: LifecycleRule[]
  worm: Worm | undefined
  accessMonitor: AccessMonitor | undefined
  /** Midnight UTC of the day whose rules are applied. */
  day: Date
  phase: 'keys' | 'uploads'
  /** Last key that is done with; empty at the beginning. */
  afterKey: string
}

interface RunRow {
  bucket_id: number
  versioning: 'Enabled' | 'Suspended' | null
  rules: LifecycleRule[]
  worm: Worm | null
  monitor: AccessMonitor | null
  phase: 'keys' | 'uploads'
  after_key: string
}

/** Buckets whose walk of `day` has not ended, those that waited longest first. */
export async function listLifecycleRuns(db: Queryable, day: Date, limit: number): Promise<LifecycleRun[]> {
  const { rows } = await db.query<RunRow>(
    `select b.bucket_id, b.versioning, b.settings->'lifecycle' as rules, b.settings->'worm' as worm,
       b.settings->'accessMonitor' as monitor,
       case when r.day = $1 then r.phase else 'keys' end as phase,
       case when r.day = $1 then r.after_key else '' end as after_key
     from oss.buckets b left join oss.lifecycle_runs r using (bucket_id)
     where b.settings ? 'lifecycle' and (r.day is null or r.day < $1 or (r.day = $1 and r.phase <> 'done'))
     order by r.day nulls first, b.bucket_id limit $2`,
    [day, limit],
  )
  return rows.map((row) => ({
    bucketId: row.bucket_id,
    versioning: row.versioning ?? undefined,
    rules: row.rules,
    worm: row.worm ?? undefined,
    accessMonitor: row.monitor ?? undefined,
    day,
    phase: row.phase,
    afterKey: row.after_key,
  }))
}

/** Remembers how far the walk has come. */
export async function saveLifecycleRun(
  db: Queryable,
  { bucketId, day }: Pick<LifecycleRun, 'bucketId' | 'day'>,
  phase: LifecycleRun['phase'] | 'done',
  afterKey: string,
): Promise<void> {
  await db.query(
    `insert into oss.lifecycle_runs (bucket_id, day, phase, after_key)
     select $1, $2, $3, $4 where exists (select 1 from oss.buckets where bucket_id = $1)
     on conflict (bucket_id) do update set day = excluded.day, phase = excluded.phase, after_key = excluded.after_key`,
    [bucketId, day, phase, afterKey],
  )
}

/** New rules are applied from the beginning. */
export async function restartLifecycle(db: Queryable, bucketId: number): Promise<void> {
  await db.query('delete from oss.lifecycle_runs where bucket_id = $1', [bucketId])
}

export interface KeyVersions {
  key: string
  /** Newest first. */
  versions: StoredObject[]
}

const pageRows = 1000

/** Keys after `afterKey` with all their versions, in order. */
export async function* walkKeys(
  db: Queryable,
  { bucketId, versioning }: Pick<Bucket, 'bucketId' | 'versioning'>,
  afterKey: string,
): AsyncGenerator<KeyVersions> {
  let position = { key: afterKey, seq: 0 }
  let current: KeyVersions | undefined
  for (;;) {
    const { rows } = await db.query<ObjectRow>(versioning === undefined ? currentPage : versionPage, [
      bucketId,
      position.key,
      ...(versioning === undefined ? [] : [position.seq]),
      pageRows,
    ])
    for (const row of rows) {
      if (current && current.key !== row.key) {
        yield current
        current = undefined
      }
      current ??= { key: row.key, versions: [] }
      current.versions.push(objectOf(row))
    }
    const last = rows.at(-1)
    if (!last || rows.length < pageRows) break
    position = { key: last.key, seq: last.version_seq }
  }
  if (current) yield current
}

const currentPage = `
  select *, false as is_marker from oss.objects where bucket_id = $1 and key > $2 order by key limit $3`

/** A key's versions after a position have smaller numbers; the position of a whole key is 0. */
const versionPage = `
  select * from (
    (select o.*, false as is_marker from oss.objects o
      where bucket_id = $1 and key >= $2 and (key > $2 or version_seq < $3) order by key limit $4)
    union all
    (select v.* from oss.versions v
      where bucket_id = $1 and key >= $2 and (key > $2 or version_seq < $3) order by key, version_seq desc limit $4)
  ) as held order by key, version_seq desc limit $4`

/** Does what was planned unless the key has changed meanwhile. */
export async function applyLifecycle(
  db: Queryable,
  bucketId: number,
  key: string,
  action: LifecycleAction,
  how: { at: Date; versionId: string },
): Promise<void> {
  await db.query({
    name: 'oss.apply-lifecycle',
    text: 'select oss.apply_lifecycle($1,$2,$3,$4,$5,$6,$7)',
    values: [
      bucketId,
      key,
      action.versionSeq,
      action.kind,
      how.at,
      how.versionId,
      action.kind === 'transition' ? action.storageClass : null,
    ],
  })
}

/** Uploads after a position, in order of key and id. */
export async function listUploadsAfter(
  db: Queryable,
  bucketId: number,
  after: { key: string; uploadId: string },
  limit: number,
): Promise<{ uploadId: string; key: string; initiatedAt: Date }[]> {
  const { rows } = await db.query<{ upload_id: string; key: string; initiated_at: Date }>(
    `select upload_id, key, initiated_at from oss.uploads where bucket_id = $1 and (key, upload_id) > ($2, $3)
     order by key, upload_id limit $4`,
    [bucketId, after.key, after.uploadId, limit],
  )
  return rows.map((row) => ({ uploadId: row.upload_id, key: row.key, initiatedAt: row.initiated_at }))
}
