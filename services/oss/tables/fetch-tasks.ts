import type { FetchState, FetchTask } from '../domain/fetch-task.ts'
import type { ObjectFacts } from '../object-facts.ts'
import type { Uploaded } from '../send-callback.ts'
import type { Queryable } from './buckets.ts'

export interface KeptFetchTask {
  taskId: string
  bucketId: number
  task: FetchTask
  /** Of the object that it will make. */
  facts: ObjectFacts
  state: FetchState
  /** Empty while all is well. */
  error: string
  /** Once the object is written. */
  stored: Uploaded | undefined
  /** Begun, this one included. */
  attempts: number
}

interface Row {
  task_id: string
  bucket_id: number
  task: FetchTask
  facts: ObjectFacts
  state: FetchState
  error: string
  stored: Uploaded | null
  attempts: number
}

const taskOf = (row: Row): KeptFetchTask => ({
  taskId: row.task_id,
  bucketId: row.bucket_id,
  task: row.task,
  facts: row.facts,
  state: row.state,
  error: row.error,
  stored: row.stored ?? undefined,
  attempts: row.attempts,
})

/** False when the bucket has `limit` tasks under way, or is gone. */
export async function insertFetchTask(
  db: Queryable,
  { taskId, bucketId, task, facts }: Pick<KeptFetchTask, 'taskId' | 'bucketId' | 'task' | 'facts'>,
  { at, limit }: { at: Date; limit: number },
): Promise<boolean> {
  const { rowCount } = await db.query(
    `insert into oss.fetch_tasks (task_id, bucket_id, task, facts, state, due_at, created_at)
     select $1, b.bucket_id, $3, $4, 'Running', $5, $5 from oss.buckets b where b.bucket_id = $2
       and (select count(*) from oss.fetch_tasks t where t.bucket_id = b.bucket_id and t.state in ('Running', 'Retry')) < $6`,
    [taskId, bucketId, JSON.stringify(task), JSON.stringify(facts), at, limit],
  )
  return rowCount === 1
}

export async function findFetchTask(
  db: Queryable,
  bucketId: number,
  taskId: string,
): Promise<KeptFetchTask | undefined> {
  const { rows } = await db.query<Row>('select * from oss.fetch_tasks where task_id = $1 and bucket_id = $2', [
    taskId,
    bucketId,
  ])
  return rows[0] && taskOf(rows[0])
}

/** Takes tasks that are due, and keeps others off them until `until`. */
export async function claimFetchTasks(
  db: Queryable,
  { now, until, limit }: { now: Date; until: Date; limit: number },
): Promise<KeptFetchTask[]> {
  const { rows } = await db.query<Row>(
    `update oss.fetch_tasks t set due_at = $2, attempts = t.attempts + 1 from (
       select task_id from oss.fetch_tasks where state in ('Running', 'Retry') and due_at <= $1
       order by due_at limit $3 for update skip locked) due
     where t.task_id = due.task_id returning t.*`,
    [now, until, limit],
  )
  return rows.map(taskOf)
}

/** Notes that the object is written. False when the task or its bucket is gone. */
export async function markFetched(db: Queryable, taskId: string, stored: Uploaded): Promise<boolean> {
  const { rowCount } = await db.query('update oss.fetch_tasks set stored = $2 where task_id = $1', [
    taskId,
    JSON.stringify(stored),
  ])
  return rowCount === 1
}

export async function endFetchTask(
  db: Queryable,
  taskId: string,
  { state, error }: { state: Exclude<FetchState, 'Running' | 'Retry'>; error: string },
): Promise<void> {
  await db.query('update oss.fetch_tasks set state = $2, error = $3 where task_id = $1', [taskId, state, error])
}

/** To be tried again at `at`. */
export async function retryFetchTask(
  db: Queryable,
  taskId: string,
  { error, at }: { error: string; at: Date },
): Promise<void> {
  await db.query(`update oss.fetch_tasks set state = 'Retry', error = $2, due_at = $3 where task_id = $1`, [
    taskId,
    error,
    at,
  ])
}

/** Forgets tasks that have ended, once nobody can ask for them any more. */
export async function removeOldFetchTasks(db: Queryable, before: Date): Promise<void> {
  await db.query(`delete from oss.fetch_tasks where created_at < $1 and state not in ('Running', 'Retry')`, [before])
}
