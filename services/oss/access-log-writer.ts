/** Notes finished requests on buckets that log them. A process that is killed loses what it noted in the last second. */
import type { Log } from '@pileus/kernel/log'
import type { FinishedObjectCall } from '@pileus/kernel/object-protocol'
import type { Store } from '@pileus/kernel/store/store'
import { createBatchWriter } from './batch-writer.ts'
import { formatLogLine } from './domain/access-log.ts'
import type { Bucket } from './domain/bucket.ts'
import { header } from './domain/headers.ts'
import { type AccessLine, insertAccessLines } from './tables/access-lines.ts'

export interface AccessLogWriter {
  note(bucket: Bucket, call: FinishedObjectCall): void
  /** Writes what is noted. */
  flush(): Promise<void>
  close(): Promise<void>
}

export function createAccessLogWriter({ store, log }: { store: Store; log: Log }): AccessLogWriter {
  const lines = createBatchWriter<AccessLine>({
    write: (noted) => insertAccessLines(store.pool, noted),
    log,
    what: 'lines of access logs',
  })
  return {
    note(bucket, call) {
      const hour = new Date(Math.floor(call.startedAt.getTime() / 3_600_000) * 3_600_000)
      lines.note({ bucketId: bucket.bucketId, hour, line: formatLogLine(describe(bucket, call)) })
    },
    flush: lines.flush,
    close: lines.close,
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
