import type { Log } from '@pileus/kernel/log'
import type { CallRecord, Meter } from '@pileus/kernel/ports'

export interface CallCounts {
  calls: number
  errors: number
}

/** Counts calls per action since the start, for `status`, and writes a line per call to the log. */
export function createCountingMeter(log: Log): Meter & { counts(): ReadonlyMap<string, CallCounts> } {
  const counts = new Map<string, CallCounts>()
  return {
    count(call: CallRecord) {
      // Names that the contract does not have would let callers grow this map.
      const key = call.outcome.httpStatus === 404 ? 'unknown' : `${call.product}:${call.action}`
      const entry = counts.get(key) ?? { calls: 0, errors: 0 }
      entry.calls += 1
      if (call.outcome.errorCode) entry.errors += 1
      counts.set(key, entry)
      // Building the line costs more than most calls when nobody reads it.
      if (log.isLevelEnabled('debug')) log.debug(lineOf(call), 'call')
    },
    counts: () => counts,
  }
}

function lineOf(call: CallRecord): object {
  return {
    requestId: call.requestId,
    action: `${call.product}:${call.action}`,
    region: call.regionId,
    account: call.principal?.accountId,
    accessKeyId: call.accessKeyId,
    sourceIp: call.sourceIp,
    status: call.outcome.httpStatus,
    error: call.outcome.errorCode,
    ms: Math.round(call.durationMs * 10) / 10,
  }
}
