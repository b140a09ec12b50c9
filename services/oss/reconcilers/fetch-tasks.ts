/**
 * Works on tasks that fetch objects from other hosts: a few at a time, each tried a few times. The object's row and
 * the note that it is written are one transaction; only then the callback is made, which a repeat makes again.
 */
import type { Clock } from '@pileus/kernel/clock'
import type { RegionBytes } from '@pileus/kernel/fabric/region-bytes'
import type { Log } from '@pileus/kernel/log'
import type { Reconciler } from '@pileus/kernel/reconcile'
import type { Store } from '@pileus/kernel/store/store'
import type { Bucket } from '../domain/bucket.ts'
import { parseCallback } from '../domain/callback.ts'
import { fetchTasksChanged } from '../domain/fetch-task.ts'
import type { SourceFetcher } from '../fetch-source.ts'
import type { ObjectKeys } from '../object-keys.ts'
import type { OssContext } from '../operation.ts'
import { factsOf, tellReceiver, type Uploaded } from '../send-callback.ts'
import { discardBody, FetchFailure, fetchFailureOf, storeFetched } from '../store-fetched.ts'
import { maxPutBytes } from '../stored-bytes.ts'
import { findBucketById } from '../tables/buckets.ts'
import {
  claimFetchTasks,
  endFetchTask,
  type KeptFetchTask,
  markFetched,
  removeOldFetchTasks,
  retryFetchTask,
} from '../tables/fetch-tasks.ts'

interface Parts extends Pick<OssContext, 'outbound' | 'callbacks' | 'publicEndpoint'> {
  store: Store
  bytes: RegionBytes
  clock: Clock
  fetcher: SourceFetcher
  /** Of the platform: keys were asked for when the task was made. */
  objectKeys: ObjectKeys
  log: Log
}

/** Fetches at a time in one cell. */
const width = 8
const fetchTimeoutMs = 10 * 60_000
/** Longer than a fetch and its callbacks take. */
const leaseMs = fetchTimeoutMs + 60_000
const maxAttempts = 3
const retryMs = [500, 1_500]
/** How long a pass waits for large objects; they go on, and so do later passes. */
const passMs = 10_000
/** How long a task can be asked for. */
const keepMs = 7 * 24 * 3_600_000

export interface FetchWorker {
  reconciler: Reconciler
  /** Ends what is under way; the tasks are taken up again when their time is over. */
  close(): Promise<void>
}

export function createFetchWorker(parts: Parts): FetchWorker {
  const { store, clock, log } = parts
  const ending = new AbortController()
  const working = new Set<Promise<void>>()
  const begin = (kept: KeptFetchTask): void => {
    const work = runTask(parts, kept, ending.signal)
      .catch((error: unknown) => log.error({ err: error, taskId: kept.taskId }, 'a task was not fetched'))
      .finally(() => working.delete(work))
    working.add(work)
  }
  return {
    reconciler: {
      name: 'oss.fetch-tasks',
      everyMs: 1_000,
      wakeOn: [fetchTasksChanged],
      async pass() {
        const now = clock.now()
        await removeOldFetchTasks(store.pool, new Date(now.getTime() - keepMs))
        for (;;) {
          const until = new Date(clock.now().getTime() + leaseMs)
          const limit = width - working.size
          const claimed = limit > 0 ? await claimFetchTasks(store.pool, { now: clock.now(), until, limit }) : []
          for (const kept of claimed) begin(kept)
          if (working.size === 0 || (claimed.length === 0 && limit <= 0)) return
          if (!(await endsWithin(working, passMs)) || claimed.length === 0) return
        }
      },
    },
    async close() {
      ending.abort()
      await Promise.all(working)
    },
  }
}

async function endsWithin(working: ReadonlySet<Promise<void>>, timeoutMs: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(resolve, timeoutMs, false)
  })
  const ended = await Promise.race([Promise.all(working).then(() => true), late])
  clearTimeout(timer)
  return ended
}

async function runTask(parts: Parts, kept: KeptFetchTask, signal: AbortSignal): Promise<void> {
  const { store, clock } = parts
  const bucket = await findBucketById(store.pool, kept.bucketId)
  if (!bucket) return
  let stored = kept.stored
  try {
    stored ??= await fetchObject(parts, bucket, kept, signal)
  } catch (error) {
    // It is another worker's when its time is over.
    if (signal.aborted) return
    const failure = fetchFailureOf(error)
    const retryAfterMs = retryMs[kept.attempts - 1]
    if (failure.again && kept.attempts < maxAttempts && retryAfterMs !== undefined) {
      const at = new Date(clock.now().getTime() + retryAfterMs)
      return retryFetchTask(store.pool, kept.taskId, { error: failure.message, at })
    }
    if (kept.task.callbackWhenFailed) await tell(parts, bucket, kept, undefined)
    return endFetchTask(store.pool, kept.taskId, { state: 'Failed', error: failure.message })
  }
  const failure = await tell(parts, bucket, kept, stored)
  const end = failure === undefined ? 'Success' : 'FetchSuccessCallbackFailed'
  await endFetchTask(store.pool, kept.taskId, { state: end, error: failure ?? '' })
}

/** @throws FetchFailure, OutboundError, ApiError */
async function fetchObject(
  parts: Parts,
  bucket: Bucket,
  { taskId, task, facts }: KeptFetchTask,
  signal: AbortSignal,
): Promise<Uploaded> {
  const limits = { timeoutMs: fetchTimeoutMs, maxBytes: maxPutBytes, signal }
  const source = await parts.fetcher.open({ url: task.url, hostHeader: task.host, target: bucket, ...limits })
  if (source.status !== 200) {
    await discardBody(source)
    throw new FetchFailure(`The source answered with the status ${source.status}.`, source.status >= 500)
  }
  const bytes = parts.bytes.of(bucket.regionId)
  const stored = await storeFetched({ ...parts, bytes }, source, {
    ...{ bucket, facts, signal, key: task.key, contentMd5: task.contentMd5, forbidOverwrite: task.ignoreSameKey },
    async also(db, fetched) {
      const isKept = await markFetched(db, taskId, { operation: 'AsyncFetch', ...fetched })
      if (!isKept) throw new FetchFailure('The task is gone.')
    },
  })
  return { operation: 'AsyncFetch', ...stored }
}

/** Why the callback failed; undefined when it did not, or there is none. */
async function tell(
  parts: Parts,
  bucket: Bucket,
  { taskId, task }: KeptFetchTask,
  stored: Uploaded | undefined,
): Promise<string | undefined> {
  if (task.callback === undefined) return undefined
  const nothing: Uploaded = { operation: 'AsyncFetch', etag: '', bytes: 0, contentType: '', crc64: '', contentMd5: '' }
  const facts = { ...factsOf(stored ?? nothing, bucket, task.key), clientIp: '', reqId: taskId }
  const told = await tellReceiver(parts, parseCallback(task.callback), { bucket, requestId: taskId, facts })
  return 'failure' in told ? told.failure : undefined
}
