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

/** A rate that is shared by all who take from it; what is taken too early is waited for. */
export class Pacer {
  readonly #perSecond: number
  readonly #nowMs: () => number
  /** When what has been taken is used up. */
  #dueMs: number
  /** `startsFull` when the first second's may be taken at once. */
  constructor(perSecond: number, nowMs: () => number, { startsFull = false } = {}) {
    this.#perSecond = perSecond
    this.#nowMs = nowMs
    this.#dueMs = nowMs() - (startsFull ? maxLagMs : 0)
  }

  /** Bytes to send at a time. */
  get pieceBytes(): number {
    return Math.max(1, Math.ceil(this.#perSecond / piecesPerSecond))
  }

  /** Takes `count`; answers how long to wait before going on, in milliseconds. */
  take(count: number): number {
    const now = this.#nowMs()
    this.#dueMs = Math.max(this.#dueMs, now - maxLagMs) + (count / this.#perSecond) * 1_000
    return this.#dueMs - now
  }

  /** Takes `count` only if nobody has to wait for it. */
  tryTake(count: number): boolean {
    const now = this.#nowMs()
    const due = Math.max(this.#dueMs, now - maxLagMs) + (count / this.#perSecond) * 1_000
    // A rate below one in a second would never be due.
    if (due > now + Math.max(0, 1_000 / this.#perSecond - maxLagMs)) return false
    this.#dueMs = due
    return true
  }
}

export function slowRequest(request: ObjectRequest, pacers: readonly Pacer[]): ObjectRequest {
  return pacers.length === 0 ? request : { ...request, body: slowed(request.body, pacers, request.abortSignal()) }
}

export function slowAnswer(answer: ObjectAnswer, pacers: readonly Pacer[], signal: AbortSignal): ObjectAnswer {
  const { body } = answer
  if (body?.kind !== 'bytes' || pacers.length === 0) return answer
  const source = Buffer.isBuffer(body.bytes) ? [body.bytes] : body.bytes
  return { ...answer, body: { kind: 'bytes', bytes: slowed(source, pacers, signal) } }
}

async function* slowed<T extends Uint8Array>(
  source: AsyncIterable<T> | Iterable<T>,
  pacers: readonly Pacer[],
  signal: AbortSignal,
): AsyncGenerator<T> {
  const pieceBytes = Math.min(...pacers.map((pacer) => pacer.pieceBytes))
  for await (const chunk of source) {
    for (let at = 0; at < chunk.length; at += pieceBytes) {
      const piece = chunk.subarray(at, at + pieceBytes) as T
      yield piece
      const waitMs = Math.max(...pacers.map((pacer) => pacer.take(piece.length)))
      if (waitMs >= 1) await sleep(waitMs, undefined, { signal })
    }
  }
}
