/** Replication rules, and the versions that are still to be brought over. */
import type { ReplicationDocument, ReplicationRule } from '../domain/replication.ts'
import type { StoredObject } from '../domain/stored-object.ts'
import type { Queryable } from './buckets.ts'
import { type ObjectRow, objectOf } from './objects.ts'

interface RuleRow {
  bucket_id: number
  rule_id: string
  prefixes: string[]
  document: ReplicationDocument
  status: ReplicationRule['status']
}

const ruleOf = (row: RuleRow): ReplicationRule => ({
  ...row.document,
  bucketId: row.bucket_id,
  ruleId: row.rule_id,
  prefixes: row.prefixes,
  status: row.status,
})

/** Of one bucket, or of all. */
export async function listReplicationRules(db: Queryable, bucketId?: number): Promise<ReplicationRule[]> {
  const { rows } = await db.query<RuleRow>(
    `select bucket_id, rule_id, prefixes, document, status from oss.replication_rules
     where $1::bigint is null or bucket_id = $1 order by bucket_id, created_at, rule_id`,
    [bucketId ?? null],
  )
  return rows.map(ruleOf)
}

/** False when the bucket has a rule with this id. */
export async function insertReplicationRule(db: Queryable, rule: ReplicationRule, at: Date): Promise<boolean> {
  const { bucketId, ruleId, prefixes, status, ...document } = rule
  const { rowCount } = await db.query(
    `insert into oss.replication_rules (bucket_id, rule_id, prefixes, document, status, history_after, created_at)
     values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing`,
    [bucketId, ruleId, prefixes, JSON.stringify(document), status, rule.isHistorical ? '' : null, at],
  )
  return rowCount === 1
}

/** False when there is no such rule. */
export async function removeReplicationRule(db: Queryable, bucketId: number, ruleId: string): Promise<boolean> {
  const { rowCount } = await db.query('delete from oss.replication_rules where bucket_id = $1 and rule_id = $2', [
    bucketId,
    ruleId,
  ])
  return rowCount === 1
}

/** False when there is no such rule. */
export async function setTimeControl(
  db: Queryable,
  bucketId: number,
  ruleId: string,
  isTimeControlled: boolean,
): Promise<boolean> {
  const { rowCount } = await db.query(
    `update oss.replication_rules set document = document || jsonb_build_object('isTimeControlled', $3::boolean)
     where bucket_id = $1 and rule_id = $2`,
    [bucketId, ruleId, isTimeControlled],
  )
  return rowCount === 1
}

/** Says that the replicator has seen the rule. */
export async function startReplicationRules(db: Queryable): Promise<void> {
  await db.query(`update oss.replication_rules set status = 'doing' where status = 'starting'`)
}

/**
 * Queues the versions of the next keys that were there before a rule; false when a rule has none left. Copies of other
 * buckets' objects are not copied on.
 */
export async function queueHistory(db: Queryable, rule: ReplicationRule, keyLimit: number): Promise<boolean> {
  const { rows } = await db.query<{ history_after: string }>(
    `select history_after from oss.replication_rules
     where bucket_id = $1 and rule_id = $2 and history_after is not null for update`,
    [rule.bucketId, rule.ruleId],
  )
  const after = rows[0]?.history_after
  if (after === undefined) return false
  const keys = await db.query<{ last: string | null; n: number }>(
    `with keys as (
       select key from (
         (select key from oss.objects where bucket_id = $1 and key > $3 order by key limit $4)
         union (select distinct key from oss.versions where bucket_id = $1 and key > $3 order by key limit $4)
       ) as found order by key limit $4),
     wanted as (
       select o.key, o.version_seq, o.version_id, false as is_marker, o.modified_at, o.meta
         from oss.objects o join keys using (key) where o.bucket_id = $1
       union all
       select v.key, v.version_seq, v.version_id, v.is_marker, v.modified_at, v.meta
         from oss.versions v join keys using (key) where v.bucket_id = $1),
     queued as (
       insert into oss.replication_queue
         (bucket_id, rule_id, key, version_seq, version_id, is_marker, is_history, modified_at)
       select $1, $2, key, version_seq, version_id, is_marker, true, modified_at from wanted
       where coalesce(meta->'isReplica', 'false') <> 'true'
         and ($5::text[] = '{}' or exists (select 1 from unnest($5::text[]) p where starts_with(key, p)))
       order by version_seq returning 1)
     select (select max(key) from keys) as last, (select count(*) from queued) as n`,
    [rule.bucketId, rule.ruleId, after, keyLimit, rule.prefixes],
  )
  const { last = null, n = 0 } = keys.rows[0] ?? {}
  await db.query(
    `update oss.replication_rules set history_after = $3, history_total = history_total + $4
     where bucket_id = $1 and rule_id = $2`,
    [rule.bucketId, rule.ruleId, last, n],
  )
  return last !== null
}

/** A version that changed, or that was there before its rule. */
export interface QueuedVersion {
  queueId: number
  key: string
  versionSeq: number
  versionId: string | undefined
  isMarker: boolean
  modifiedAt: Date
}

/** The oldest that may be tried now; none whose key waits for an earlier one. */
export async function listQueued(
  db: Queryable,
  { bucketId, ruleId }: Pick<ReplicationRule, 'bucketId' | 'ruleId'>,
  now: Date,
  page: { afterId: number; limit: number },
): Promise<QueuedVersion[]> {
  const { rows } = await db.query<{
    queue_id: number
    key: string
    version_seq: number
    version_id: string | null
    is_marker: boolean
    modified_at: Date
  }>(
    `select * from oss.replication_queue q where bucket_id = $1 and rule_id = $2 and queue_id > $4
       and (retry_at is null or retry_at <= $3)
       and not exists (select 1 from oss.replication_queue e where e.bucket_id = q.bucket_id and e.key = q.key
         and e.rule_id = q.rule_id and e.queue_id < q.queue_id and e.retry_at > $3)
     order by queue_id limit $5`,
    [bucketId, ruleId, now, page.afterId, page.limit],
  )
  return rows.map((row) => ({
    queueId: row.queue_id,
    key: row.key,
    versionSeq: row.version_seq,
    versionId: row.version_id ?? undefined,
    isMarker: row.is_marker,
    modifiedAt: row.modified_at,
  }))
}

export async function removeQueued(db: Queryable, queueId: number): Promise<void> {
  await db.query('delete from oss.replication_queue where queue_id = $1', [queueId])
}

/** Counts a version that the rule leaves out, with the reason. */
export async function countSkipped(
  db: Queryable,
  { bucketId, ruleId }: Pick<ReplicationRule, 'bucketId' | 'ruleId'>,
  reason: string,
): Promise<void> {
  await db.query(
    `update oss.replication_rules set skipped_count = skipped_count + 1, skipped_reason = $3
     where bucket_id = $1 and rule_id = $2`,
    [bucketId, ruleId, reason],
  )
}

/** Leaves it for later, with the reason. */
export async function deferQueued(db: Queryable, queueId: number, failure: string, retryAt: Date): Promise<void> {
  await db.query('update oss.replication_queue set failure = $2, retry_at = $3 where queue_id = $1', [
    queueId,
    failure,
    retryAt,
  ])
}

/** A version by its number, wherever it is. */
export async function findVersionBySeq(
  db: Queryable,
  bucketId: number,
  { key, versionSeq }: Pick<QueuedVersion, 'key' | 'versionSeq'>,
): Promise<StoredObject | undefined> {
  const { rows } = await db.query<ObjectRow>(
    `select o.*, false as is_marker from oss.objects o where bucket_id = $1 and key = $2 and version_seq = $3
     union all select v.* from oss.versions v where bucket_id = $1 and key = $2 and version_seq = $3`,
    [bucketId, key, versionSeq],
  )
  return rows[0] && objectOf(rows[0])
}

/** What is written in this transaction is not replicated further. */
export async function markAsReplica(db: Queryable): Promise<void> {
  await db.query(`select set_config('oss.replica', 'on', true)`)
}

export interface ReplicationProgress {
  /** Versions that were there before the rule: how many are known, how many still wait, whether more will be found. */
  historyTotal: number
  historyWaiting: number
  isHistoryListed: boolean
  /** When the oldest new version that still waits was written. */
  oldestWaitingAt: Date | undefined
  failed: number
  /** Why the oldest of those that failed did. */
  failure: string | undefined
  /** Versions that the rule does not cover, counted once each time they were looked at, and why. */
  skipped: number
  skippedReason: string | undefined
}

export async function readReplicationProgress(
  db: Queryable,
  bucketId: number,
  ruleId: string,
): Promise<ReplicationProgress> {
  const { rows } = await db.query<{
    history_total: number
    history_waiting: number
    is_listed: boolean
    oldest: Date | null
    failed: number
    failure: string | null
    skipped_count: number
    skipped_reason: string | null
  }>(
    `select r.history_total, r.history_after is null as is_listed, r.skipped_count, r.skipped_reason,
       count(q.queue_id) filter (where q.is_history) as history_waiting,
       min(q.modified_at) filter (where not q.is_history) as oldest,
       count(q.failure) as failed, (array_agg(q.failure order by q.queue_id) filter (where q.failure is not null))[1] as failure
     from oss.replication_rules r left join oss.replication_queue q using (bucket_id, rule_id)
     where r.bucket_id = $1 and r.rule_id = $2 group by r.bucket_id, r.rule_id`,
    [bucketId, ruleId],
  )
  const [row] = rows
  return {
    historyTotal: row?.history_total ?? 0,
    historyWaiting: row?.history_waiting ?? 0,
    isHistoryListed: row?.is_listed ?? true,
    oldestWaitingAt: row?.oldest ?? undefined,
    failed: row?.failed ?? 0,
    failure: row?.failure ?? undefined,
    skipped: row?.skipped_count ?? 0,
    skippedReason: row?.skipped_reason ?? undefined,
  }
}

/** How far one version has come, over all rules; undefined when no rule is about its key. */
export async function findReplicationStatus(
  db: Queryable,
  bucketId: number,
  { key, versionSeq }: Pick<StoredObject, 'key' | 'versionSeq'>,
): Promise<'PENDING' | 'FAILED' | 'COMPLETED' | undefined> {
  const { rows } = await db.query<{ status: 'PENDING' | 'FAILED' | 'COMPLETED' | null }>(
    `select case when bool_or(q.failure is not null) then 'FAILED' when count(q.queue_id) > 0 then 'PENDING'
         when bool_or(r.history_after is not null and r.history_after < $2) then 'PENDING'
         when count(r.rule_id) > 0 then 'COMPLETED' end as status
     from oss.replication_rules r left join oss.replication_queue q
       on q.bucket_id = r.bucket_id and q.rule_id = r.rule_id and q.key = $2 and q.version_seq = $3
     where r.bucket_id = $1 and (r.prefixes = '{}' or exists (select 1 from unnest(r.prefixes) p where starts_with($2, p)))`,
    [bucketId, key, versionSeq],
  )
  return rows[0]?.status ?? undefined
}
