import type { Log } from '@pileus/kernel/log'
import type { AuditSink, CallRecord, Meter, ResidencyGate } from '@pileus/kernel/ports'

/** Writes a line per call to the log as well. Building the line costs more than most calls when nobody reads it. */
export function createLogAudit(log: Log): AuditSink {
  const tell = async (call: CallRecord): Promise<void> => {
    if (!log.isLevelEnabled('debug')) return
    log.debug(
      {
        requestId: call.requestId,
        action: `${call.product}:${call.action}`,
        region: call.regionId,
        account: call.principal?.accountId,
        accessKeyId: call.accessKeyId,
        sourceIp: call.sourceIp,
        status: call.outcome.httpStatus,
        error: call.outcome.errorCode,
        ms: Math.round(call.durationMs * 10) / 10,
      },
      'call',
    )
  }
  return {
    keepsDataEvents: () => false,
    record: tell,
    recordIn: (_tx, call) => tell(call),
    begin: async () => ({ finish: tell }),
    recordEvent: async (event) => log.info({ event }, 'event'),
  }
}

export interface CallCounts {
  calls: number
  errors: number
}

/** Counts calls per action since the start, for `status`. */
export function createCountingMeter(): Meter & { counts(): ReadonlyMap<string, CallCounts> } {
  const counts = new Map<string, CallCounts>()
  return {
    count(call: CallRecord) {
      // Names that the contract does not have would let callers grow this map.
      const key = call.outcome.httpStatus === 404 ? 'unknown' : `${call.product}:${call.action}`
      const entry = counts.get(key) ?? { calls: 0, errors: 0 }
      entry.calls += 1
      if (call.outcome.errorCode) entry.errors += 1
      counts.set(key, entry)
    },
    counts: () => counts,
  }
}

/** Allows every region that this installation serves: laws are asked when the law packs come. */
export const openResidencyGate: ResidencyGate = {
  mayPlace: () => ({ kind: 'allowed' }),
  mayMove: () => ({ kind: 'allowed' }),
}
