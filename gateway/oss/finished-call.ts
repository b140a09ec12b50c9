import type { FinishedObjectCall } from '@pileus/kernel/object-protocol'
import type { CallRecord } from '@pileus/kernel/ports'
import type { ObjectExchange } from './exchange.ts'

/** What access logs want to know. `before.sent` is what the connection had carried when the request began. */
export function describeFinished(
  exchange: ObjectExchange,
  outcome: CallRecord['outcome'],
  before: { sent: number; serverMs: number | undefined },
): FinishedObjectCall {
  const { incoming, request } = exchange
  const durationMs = performance.now() - exchange.startedMs
  return {
    requestId: exchange.requestId,
    startedAt: exchange.startedAt,
    method: exchange.method,
    target: incoming.url ?? '/',
    httpVersion: incoming.httpVersion,
    httpStatus: outcome.httpStatus,
    errorCode: 'errorCode' in outcome ? outcome.errorCode : undefined,
    operation: exchange.operation?.name,
    key: exchange.address.key,
    principal: exchange.principal,
    accessKeyId: exchange.signature?.accessKeyId,
    sourceIp: exchange.sourceIp,
    headers: incoming.headers,
    query: exchange.query,
    answerHeaders: exchange.answer?.headers ?? {},
    contentBytes: request?.contentBytes,
    sentBytes: Math.max(0, incoming.socket.bytesWritten - before.sent),
    receivedBytes: headBytes(exchange) + (request?.contentBytes ?? 0),
    durationMs,
    serverMs: before.serverMs ?? durationMs,
  }
}

/** The head of a request has been read before anybody could count, so its size is that of its lines. */
function headBytes({ incoming, method }: ObjectExchange): number {
  const { rawHeaders } = incoming
  let bytes = method.length + (incoming.url ?? '').length + 14
  for (const text of rawHeaders) bytes += text.length + 2
  return bytes
}
