/**
 * Asks home first, and the region's copy when home cannot be reached. A process whose own connections are all busy has
 * not lost its home: it answers that it is busy, because a copy may still know keys and rights that are taken away.
 */
import { apiError, commonErrors } from '@pileus/kernel/errors'
import type { Log } from '@pileus/kernel/log'
import type { Snapshot } from './snapshot.ts'

/** Home is not asked again for so long after it could not be reached: each try may wait for its time-out. */
const restMs = 2_000
/** At most one warning in so long: every request would give one. */
const warnEveryMs = 60_000

export function createFallback(options: {
  find: () => Promise<Snapshot | undefined>
  /** Whether home answers somebody who needs no connection of the pool. */
  answers: () => Promise<boolean>
  log: Pick<Log, 'warn'>
  nowMs?: () => number
}): <Value>(fromHome: () => Promise<Value>, fromCopy: (snapshot: Snapshot) => Value) => Promise<Value> {
  const { find, answers, log, nowMs = () => performance.now() } = options
  let probe: { startedMs: number; answer: Promise<boolean> } | undefined
  /** Everybody who waited in vain asks at the same moment. */
  const answersNow = (): Promise<boolean> => {
    if (!probe || nowMs() - probe.startedMs > restMs) probe = { startedMs: nowMs(), answer: answers() }
    return probe.answer
  }
  let warnedMs = Number.NEGATIVE_INFINITY
  let awayUntilMs = Number.NEGATIVE_INFINITY
  return async (fromHome, fromCopy) => {
    const known = nowMs() < awayUntilMs ? await find() : undefined
    if (known) return fromCopy(known)
    try {
      return await fromHome()
    } catch (error) {
      const isBusy = isPoolTimeout(error)
      if (!isBusy && !isUnreachable(error)) throw error
      if (isBusy && (await answersNow())) throw apiError(commonErrors.ServiceUnavailable, {}, { cause: error })
      const snapshot = await find()
      if (!snapshot) throw error
      awayUntilMs = nowMs() + restMs
      if (nowMs() - warnedMs > warnEveryMs) {
        warnedMs = nowMs()
        const facts = { err: error, version: snapshot.version, madeAt: snapshot.madeAt }
        log.warn(facts, 'the home of accounts cannot be reached; identities are those of the last snapshot')
      }
      return fromCopy(snapshot)
    }
  }
}

/** Whether this process had no connection to ask with, which happens with a database that hangs as well. */
export function isPoolTimeout(error: unknown): boolean {
  const { message = '', cause } = error as { message?: string; cause?: unknown }
  return /timeout exceeded when trying to connect/i.test(message) || (cause !== undefined && isPoolTimeout(cause))
}

/** Whether the database was not there to answer; an answer that is an error is none of a snapshot's business. */
export function isUnreachable(error: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.some(isUnreachable)
  const { code, message = '', cause } = error as { code?: unknown; message?: string; cause?: unknown }
  if (
    typeof code === 'string' &&
    /^(E(CONN|HOST|NET|PIPE|TIMEDOUT|NOTFOUND|AI_AGAIN)|ENOENT|08|57P0|53300)/.test(code)
  ) {
    return true
  }
  if (/connection terminated|connection timeout/i.test(message)) return true
  return cause !== undefined && isUnreachable(cause)
}
