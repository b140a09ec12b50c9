/**
 * Failed calls of those who prove no identity. Anybody can make as many as the network carries, and each entry of the
 * log is kept for good, so a minute has a bounded number of them, for each account whose trail they are in and for each
 * region. The first one beyond it is told at once as an event that counting has begun; what was counted is told when
 * the minute is over. So the log says whenever something is missing from it, also when this process is killed.
 */
import type { Clock } from '@pileus/kernel/clock'
import type { AccountId } from '@pileus/kernel/ids'
import type { AuditEvent, CallRecord } from '@pileus/kernel/ports'

/** Entries of one minute in one trail; each process has its own count. */
export const unprovedPerMinute = 100

const windowMs = 60_000
/** Most different callers, keys and actions that a summary names. */
const maxNamed = 20

interface Window {
  startedMs: number
  regionId: string
  accountId: AccountId | undefined
  recorded: number
  counted: number
  actions: Map<string, number>
  errorCodes: Map<string, number>
  sourceIps: Map<string, number>
}

export interface UnprovedCalls {
  /** What is to be recorded in the place of the call: itself, that counting has begun, or nothing now. */
  take(call: CallRecord, regionId: string): 'call' | AuditEvent | undefined
  /** Summaries of the minutes that are over, or of all; each is given once. */
  collect(which: 'over' | 'all'): AuditEvent[]
}

/** Whether it is anybody's: a call that failed, of somebody whose identity was not proved. */
export function isUnproved({ principal, outcome }: CallRecord): boolean {
  return (principal === undefined || principal.kind === 'anonymous') && outcome.httpStatus >= 400
}

export function createUnprovedCalls(clock: Clock): UnprovedCalls {
  let windows = new Map<string, Window>()
  const isOver = ({ startedMs }: Window): boolean => clock.now().getTime() >= startedMs + windowMs
  /** Of minutes that were over when a call of the next came. */
  let ended: Window[] = []
  const windowOf = (call: CallRecord, regionId: string): Window => {
    const accountId = call.ownerId as AccountId | undefined
    const key = `${regionId} ${accountId ?? ''}`
    const known = windows.get(key)
    if (known && !isOver(known)) return known
    if (known) ended.push(known)
    const startedMs = clock.now().getTime()
    const counts = { recorded: 0, counted: 0, actions: new Map(), errorCodes: new Map(), sourceIps: new Map() }
    const fresh: Window = { startedMs, regionId, accountId, ...counts }
    windows.set(key, fresh)
    return fresh
  }
  return {
    take(call, regionId) {
      const window = windowOf(call, regionId)
      if (window.recorded < unprovedPerMinute) {
        window.recorded += 1
        return 'call'
      }
      window.counted += 1
      count(window.actions, `${call.product}:${call.action}`)
      count(window.errorCodes, call.outcome.errorCode ?? '')
      count(window.sourceIps, call.sourceIp)
      return window.counted === 1 ? tell(window, 'CountUnprovedCalls') : undefined
    },
    collect(which) {
      const over = [...ended]
      ended = []
      const rest = new Map<string, Window>()
      for (const [key, window] of windows) {
        if (which === 'all' || isOver(window)) over.push(window)
        else rest.set(key, window)
      }
      windows = rest
      return over.filter((window) => window.counted > 0).map((window) => tell(window, 'SummarizeUnprovedCalls'))
    },
  }
}

function count(counts: Map<string, number>, name: string): void {
  const isNamed = counts.has(name) || counts.size < maxNamed
  const key = isNamed ? name : 'others'
  counts.set(key, (counts.get(key) ?? 0) + 1)
}

function tell(window: Window, name: 'CountUnprovedCalls' | 'SummarizeUnprovedCalls'): AuditEvent {
  const { startedMs, regionId, accountId, recorded, counted, actions, errorCodes, sourceIps } = window
  const listed = (counts: Map<string, number>) => [...counts].map(([key, n]) => `${key} ${n}`).sort()
  return {
    actor: { kind: 'platform', name: 'actiontrail.unproved' },
    action: `actiontrail:${name}`,
    kind: 'read',
    regionId,
    accountId,
    outcome: { kind: 'success' },
    resources: [],
    details: {
      from: new Date(startedMs).toISOString(),
      until: new Date(startedMs + windowMs).toISOString(),
      recorded,
      ...(name === 'SummarizeUnprovedCalls'
        ? { counted, actions: listed(actions), errorCodes: listed(errorCodes), sourceIps: listed(sourceIps) }
        : {}),
    },
  }
}
