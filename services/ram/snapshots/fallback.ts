/** Asks home first, and the region's copy when home cannot be reached. */
import type { Log } from '@pileus/kernel/log'
import type { Snapshot } from './snapshot.ts'

/** Home is not asked again for so long after it could not be reached: each try may wait for its time-out. */
const restMs = 2_000
/** At most one warning in so long: every request would give one. */
const warnEveryMs = 60_000

export function createFallback(options: {
  find: () => Promise<Snapshot | undefined>
  log: Pick<Log, 'warn'>
  nowMs?: () => number
}): <Value>(fromHome: () => Promise<Value>, fromCopy: (snapshot: Snapshot) => Value) => Promise<Value> {
  const { find, log, nowMs = () => performance.now() } = options
  let warnedMs = Number.NEGATIVE_INFINITY
  let awayUntilMs = Number.NEGATIVE_INFINITY
  return async (fromHome, fromCopy) => {
    const known = nowMs() < awayUntilMs ? await find() : undefined
    if (known) return fromCopy(known)
    try {
      return await fromHome()
    } catch (error) {
      const snapshot = isUnreachable(error) ? await find() : undefined
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
  if (/connection terminated|timeout exceeded when trying to connect|connection timeout/i.test(message)) return true
  return cause !== undefined && isUnreachable(cause)
}
