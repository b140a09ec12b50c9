/**
 * Notes finished requests on buckets that log them. Lines gather in memory for a moment and go to the database many at
 * a time, so that requests pay next to nothing; a process that is killed loses what it noted in the last second.
 */
import type { Log } from '@pileus/kernel/log'
import type { FinishedObjectCall } from '@pileus/kernel/object-protocol'
import type { Store } from '@pileus/kernel/store/store'
import { formatLogLine } from './domain/access-log.ts'
import type { Bucket } from './domain/bucket.ts'
import { header } from './domain/headers.ts'
import { type AccessLine, insertAccessLines } from './tables/access-lines.ts'

const flushAfterMs = 1_000
const flushAtLines = 500
/** Lines beyond this are dropped rather than kept in memory, when the database does not take them. */
const maxLines = 50_000

export interface AccessLogWriter {
  note(bucket: Bucket, call: FinishedObjectCall): void
  /** Writes what is noted. */
  flush(): Promise<void>
  close(): Promise<void>
}

export function createAccessLogWriter({ store, log }: { store: Store; log: Log }): AccessLogWriter {
  let noted: AccessLine[] = []
  let dropped = 0
  let writing: Promise<void> = Promise.resolve()
  let timer: NodeJS.Timeout | undefined

  const write = async (): Promise<void> => {
    const lines = noted
    noted = []
    if (lines.length === 0) return
    try {
      await insertAccessLines(store.pool, lines)
      if (dropped > 0) log.error({ dropped }, 'lines of access logs were lost while the database took none')
      dropped = 0
    } catch (error) {
      log.warn({ err: error }, 'access logs could not be written; trying again')
      noted = [...lines, ...noted]
      schedule()
    }
  }
  const flush = (): Promise<void> => {
    clearTimeout(timer)
    timer = undefined
    writing = writing.then(write)
    return writing
  }
  const schedule = (): void => {
    timer ??= setTimeout(() => void flush(), flushAfterMs).unref()
  }
  return {
    note(bucket, call) {
      if (noted.length >= maxLines) {
        dropped += 1
        return
      }
      const hour = new Date(Math.floor(call.startedAt.getTime() / 3_600_000) * 3_600_000)
      noted.push({ bucketId: bucket.bucketId, hour, line: formatLogLine(describe(bucket, call)) })
      if (noted.length === flushAtLines) void flush()
      else schedule()
    },
    flush,
    async close() {
      await flush()
      clearTimeout(timer)
    },
  }
}

function describe(bucket: Bucket, call: FinishedObjectCall): Parameters<typeof formatLogLine>[0] {
  const { answerHeaders, headers } = call
  const size = answerHeaders['content-length']
  const isRead = call.operation === 'GetObject' || call.operation === 'HeadObject'
  return {
    at: call.startedAt,
    remoteIp: call.sourceIp,
    method: call.method,
    target: call.target,
    httpVersion: call.httpVersion,
    status: call.httpStatus,
    sentBytes: call.sentBytes,
    durationMs: call.durationMs,
    serverMs: call.serverMs,
    referer: header(headers, 'referer'),
    userAgent: header(headers, 'user-agent'),
    host: header(headers, 'host') ?? '',
    requestId: call.requestId,
    requesterId: call.principal && call.principal.kind !== 'anonymous' ? call.principal.accountId : '-',
    operation: call.operation ?? '-',
    bucket: bucket.name,
    key: call.key,
    objectBytes: isRead ? (size === undefined ? undefined : Number(size)) : call.contentBytes,
    errorCode: call.errorCode,
    requestBytes: call.receivedBytes,
    ownerId: bucket.accountId,
    syncRequest: undefined,
    storageClass: answerHeaders['x-oss-storage-class'] ?? bucket.storageClass,
    accessKeyId: call.accessKeyId,
    ownFields: ownFields(bucket, call),
  }
}

function ownFields({ settings }: Bucket, { headers, query }: FinishedObjectCall): string | undefined {
  const { logFields } = settings
  if (!logFields) return undefined
  const pairs = [
    ...logFields.headers.map((name) => [name, header(headers, name)] as const),
    ...logFields.parameters.map((name) => [name, query.get(name)] as const),
  ]
  return pairs.map(([name, value]) => `${name}=${encodeURIComponent(value ?? '-')}`).join('&')
}
