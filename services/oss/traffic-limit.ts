/** `x-oss-traffic-limit`: how fast one request may send or receive, in bits per second. @see docs/sources.md#oss */

import { setTimeout as sleep } from 'node:timers/promises'
import { say } from '@pileus/kernel/messages/text'
import type { ObjectAnswer, ObjectRequest } from '@pileus/kernel/object-protocol'
import { header, invalid } from './domain/headers.ts'

const leastBits = 245_760
const mostBits = 838_860_800
/** Pieces per second, so that a limit does not come in bursts. */
const piecesPerSecond = 20
/** What a client that paused may catch up, in milliseconds. */
const maxLagMs = 1_000

/** Bytes per second; undefined without a limit. @throws InvalidArgument */
export function readTrafficLimit({ headers, query }: ObjectRequest): number | undefined {
  const text = header(headers, 'x-oss-traffic-limit') ?? query.get('x-oss-traffic-limit')
  if (text === undefined) return undefined
  const bits = /^\d{1,10}$/.test(text) ? Number(text) : 0
  if (bits >= leastBits && bits <= mostBits) return Math.floor(bits / 8)
  const reason = say`x-oss-traffic-limit must be a number of bits per second from ${leastBits} to ${mostBits}.`
  throw invalid('x-oss-traffic-limit', text, reason)
}

export function slowRequest(request: ObjectRequest, bytesPerSecond: number): ObjectRequest {
  return { ...request, body: slowed(request.body, bytesPerSecond, request.signal) }
}

export function slowAnswer(answer: ObjectAnswer, bytesPerSecond: number, signal: AbortSignal): ObjectAnswer {
  const { body } = answer
  if (body?.kind !== 'bytes') return answer
  const source = Buffer.isBuffer(body.bytes) ? [body.bytes] : body.bytes
  return { ...answer, body: { kind: 'bytes', bytes: slowed(source, bytesPerSecond, signal) } }
}

async function* slowed<T extends Uint8Array>(
  source: AsyncIterable<T> | Iterable<T>,
  bytesPerSecond: number,
  signal: AbortSignal,
): AsyncGenerator<T> {
  const pieceBytes = Math.ceil(bytesPerSecond / piecesPerSecond)
  let dueMs = performance.now()
  for await (const chunk of source) {
    for (let at = 0; at < chunk.length; at += pieceBytes) {
      const piece = chunk.subarray(at, at + pieceBytes) as T
      yield piece
      dueMs = Math.max(dueMs, performance.now() - maxLagMs) + (piece.length / bytesPerSecond) * 1_000
      const waitMs = dueMs - performance.now()
      if (waitMs >= 1) await sleep(waitMs, undefined, { signal })
    }
  }
}
