/**
 * Keeps what the gate decided. Equal decisions of a day are one row with a count: the first of them is in the database
 * before the caller is answered, the repetitions a little later, and by whichever process made them.
 */
import { createHash } from 'node:crypto'
import type { Clock } from '@pileus/kernel/clock'
import type { Log } from '@pileus/kernel/log'
import type { AuditEvent, AuditSink, MovingQuestion, PlacingQuestion, ResidencyEvidence } from '@pileus/kernel/ports'
import type { ResidencyFacts } from '@pileus/kernel/residency/question'
import type { Store } from '@pileus/kernel/store/store'
import type { Judged } from './gate.ts'
import { countDecision, type NewDecision } from './tables/decisions.ts'

export interface MadeDecision extends Judged {
  question: PlacingQuestion & Partial<Pick<MovingQuestion, 'fromRegionId'>>
  on: string
  facts: ResidencyFacts
  evidence: ResidencyEvidence
}

export interface DecisionLog {
  /** Undefined when it was counted in memory. */
  keep(made: MadeDecision): Promise<void> | undefined
  /** Writes what was counted in memory. */
  close(): Promise<void>
}

const maxRemembered = 10_000
const flushAfterMs = 5_000

/** `audit` is told of decisions about parts of the platform, which no call records. */
export function createDecisionLog(parts: {
  store: Store
  clock: Clock
  log: Log
  audit: () => Pick<AuditSink, 'recordEvent'>
}): DecisionLog {
  const { store, clock, log, audit } = parts
  /** Decisions that have a row, with those that are not counted in it yet. */
  const kept = new Map<string, NewDecision>()
  const flush = async (): Promise<void> => {
    for (const row of kept.values()) {
      const { times } = row
      if (times === 0) continue
      await countDecision(store.db, { ...row })
      row.times -= times
      row.first_at = row.last_at
    }
  }
  const keepFirst = async (made: MadeDecision, row: NewDecision): Promise<void> => {
    await countDecision(store.db, row)
    const event = eventOf(made, row)
    if (event) await audit().recordEvent(event)
    // What is forgotten is first again, and then finds its row.
    if (kept.size >= maxRemembered) for (const [key, one] of kept) if (one.times === 0) kept.delete(key)
    if (!kept.has(row.fingerprint)) kept.set(row.fingerprint, { ...row, times: 0 })
  }
  let timer: NodeJS.Timeout | undefined
  const flushSoon = (): void => {
    timer ??= setTimeout(() => {
      timer = undefined
      flush().catch((error) => log.warn({ err: error }, 'counting decisions about residency'))
    }, flushAfterMs).unref()
  }
  return {
    keep(made) {
      const row = rowOf(made, clock.now())
      const known = kept.get(row.fingerprint)
      if (known) {
        known.times += 1
        known.last_at = row.last_at
        known.last_request_id = row.last_request_id
        flushSoon()
        return undefined
      }
      return keepFirst(made, row)
    },
    async close() {
      clearTimeout(timer)
      await flush()
    },
  }
}

function rowOf({ question, on, facts, decision, dataClasses, statutes, needs }: MadeDecision, at: Date): NewDecision {
  const { accountId, action, fromRegionId = '', regionId, principal } = question
  const caller = callerOf(principal)
  const resource = holderOf(question.resource ?? '')
  const evidence = { dataClasses, facts, statutes, needs }
  const same = { accountId, action, caller, fromRegionId, regionId, resource, decision, on, evidence }
  return {
    account_id: accountId,
    fingerprint: createHash('sha256').update(JSON.stringify(same)).digest('base64url'),
    action,
    caller,
    from_region_id: fromRegionId,
    region_id: regionId,
    resource,
    decision,
    on_date: on,
    evidence,
    times: 1,
    first_at: at,
    last_at: at,
    last_request_id: question.requestId ?? '',
  }
}

/** What the trail of the place that data would leave is told; undefined for calls, whose own records tell it. */
function eventOf({ question, decision, evidence }: MadeDecision, row: NewDecision): AuditEvent | undefined {
  const { principal, action, accountId, regionId, fromRegionId = regionId } = question
  if (principal.kind !== 'platform') return undefined
  const isAllowed = decision === 'allow'
  return {
    actor: principal,
    action,
    kind: 'write',
    regionId: fromRegionId,
    accountId,
    outcome: isAllowed
      ? { kind: 'success' }
      : { kind: 'failure', errorCode: 'Forbidden.Residency', errorMessage: evidence.citations.join('; ') },
    resources: row.resource === '' ? [] : [row.resource],
    residency: evidence,
  }
}

/** Names of objects are content: the bucket is enough. */
function holderOf(arn: string): string {
  return arn.startsWith('acs:oss:') ? (arn.split('/')[0] ?? '') : arn
}

function callerOf(principal: PlacingQuestion['principal']): string {
  switch (principal.kind) {
    case 'platform':
      return `platform:${principal.name}`
    case 'user':
      return `user:${principal.userName}`
    case 'role':
      return `role:${principal.roleName}/${principal.sessionName}`
    case 'root':
    case 'anonymous':
      return principal.kind
  }
}
