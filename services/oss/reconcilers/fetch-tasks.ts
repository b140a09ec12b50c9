/**
 * Works on tasks that fetch objects from other hosts: a few at a time, each tried a few times. The object's row and
 * the note that it is written are one transaction; only then the callback is made, which a repeat makes again.
 */
import type { Clock } from '@pileus/kernel/clock'
import { ApiError } from '@pileus/kernel/errors'
import { NoSpaceError } from '@pileus/kernel/fabric/bytes'
import type { RegionBytes } from '@pileus/kernel/fabric/region-bytes'
import type { AccountId } from '@pileus/kernel/ids'
import type { Log } from '@pileus/kernel/log'
import { OutboundError } from '@pileus/kernel/outbound-http'
import type { ResidencyGate } from '@pileus/kernel/ports'
import type { Reconciler } from '@pileus/kernel/reconcile'
import type { Store } from '@pileus/kernel/store/store'
import type { Bucket } from '../domain/bucket.ts'
import { parseCallback } from '../domain/callback.ts'
import { fetchTasksChanged } from '../domain/fetch-task.ts'
import type { SourceFetcher } from '../fetch-source.ts'
import type { ObjectKeys } from '../object-keys.ts'
import type { OssContext } from '../operation.ts'
import { factsOf, tellReceiver, type Uploaded } from '../send-callback.ts'
import { maxPutBytes, storeSource } from '../stored-bytes.ts'
import { findBucketById } from '../tables/buckets.ts'
import {
  claimFetchTasks,
  endFetchTask,
  type KeptFetchTask,
  markFetched,
  removeOldFetchTasks,
  retryFetchTask,
} from '../tables/fetch-tasks.ts'
import { inTransaction } from '../transaction.ts'
import { writeObject } from '../write-object.ts'

interface Parts extends Pick<OssContext, 'outbound' | 'callbacks' | 'publicEndpoint'> {
  store: Store
  bytes: RegionBytes
  clock: Clock
  fetcher: SourceFetcher
  /** Of the platform: keys were asked for when the task was made. */
  objectKeys: ObjectKeys
  residency: ResidencyGate
  log: Log
}

/** Fetches at a time in one cell. */
const width = 8
const fetchTimeoutMs = 10 * 60_000
/** Longer than a fetch and its callbacks take. */
const leaseMs = fetchTimeoutMs + 60_000
const maxAttempts = 3
const retryMs = [1_000, 5_000]
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

/** Something about the source or the target that the customer is told; `again` when it may pass. */
class FetchFailure extends Error {
  readonly again: boolean
  constructor(message: string, again = false) {
    super(message)
    this.again = again
  }
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
    const failure = failureOf(error)
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
  const { store, clock, fetcher, objectKeys, residency } = parts
  const decision = await residency.mayPlace({
    accountId: bucket.accountId as AccountId,
    principal: { kind: 'platform', name: 'oss.fetch' },
    action: 'oss:PutObject',
    regionId: bucket.regionId,
    resource: `acs:oss:${bucket.regionId}:${bucket.accountId}:${bucket.name}/${task.key}`,
  })
  if (decision.kind === 'denied') {
    throw new FetchFailure(`Data may not be placed in ${bucket.regionId}: ${decision.reason}`)
  }
  const limits = { timeoutMs: fetchTimeoutMs, maxBytes: maxPutBytes, signal }
  const source = await fetcher.open({ url: task.url, hostHeader: task.host, target: bucket, ...limits })
  if (source.status !== 200) {
    await discard(source.body)
    throw new FetchFailure(`The source answered with the status ${source.status}.`, source.status >= 500)
  }
  const { encryption } = facts.meta
  const keyed = encryption && {
    encryption,
    dataKey: await objectKeys.open(bucket.bucketId, task.key, encryption),
  }
  const bytes = parts.bytes.of(bucket.regionId)
  const length = source.headers['content-length']
  const expectedBytes = length === undefined ? undefined : Number(length)
  const stored = await storeSource({ bytes }, source.body, keyed, { expectedBytes, signal })
  const { location, md5Hex, crc64, bytes: size } = stored
  try {
    const contentMd5 = Buffer.from(md5Hex, 'hex').toString('base64')
    if (task.contentMd5 !== undefined && task.contentMd5 !== contentMd5) {
      throw new FetchFailure(`The MD5 of what was fetched is ${contentMd5}, and ContentMD5 says ${task.contentMd5}.`)
    }
    const contentType = source.headers['content-type'] ?? facts.contentType
    const etag = md5Hex.toUpperCase()
    const object = { ...facts, contentType, location, bytes: size, etag, crc64, key: task.key } as const
    const fetched: Uploaded = { operation: 'AsyncFetch', etag, bytes: size, contentType, crc64, contentMd5 }
    await inTransaction(store, async (db) => {
      const how = { forbidOverwrite: task.ignoreSameKey }
      await writeObject({ store, bucket, clock }, db, { ...object, segmentSet: undefined, type: 'Normal' }, how)
      if (!(await markFetched(db, taskId, fetched))) throw new FetchFailure('The task is gone.')
    })
    return fetched
  } catch (error) {
    await bytes.release([location])
    throw error
  }
}

function failureOf(error: unknown): FetchFailure {
  if (error instanceof FetchFailure) return error
  if (error instanceof OutboundError) {
    return new FetchFailure(error.message, mayPass(error))
  }
  if (error instanceof ApiError) return new FetchFailure(error.message, error.httpStatus >= 500)
  if (error instanceof NoSpaceError) return new FetchFailure('No space is left for objects.', true)
  const reason = error instanceof Error ? error.name : 'unknown'
  return new FetchFailure(`What was fetched could not be stored (${reason}).`, true)
}

/** Names that are not known stay so; hosts that do not answer may come back. */
function mayPass({ reason, cause }: OutboundError): boolean {
  const isName = cause instanceof Error && 'syscall' in cause && cause.syscall === 'getaddrinfo'
  return reason === 'timeout' || (reason === 'unreachable' && !isName)
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

/** Ends an answer that is not wanted. */
async function discard(body: AsyncIterable<Buffer>): Promise<void> {
  await body[Symbol.asyncIterator]().return?.()
}
