/**
 * Delivers events to the buckets of trails. What a delivery holds is decided and committed before it begins, and its
 * object is named by it: whoever repeats it after a crash writes the same object again, and nothing is left out.
 */
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { Clock } from '@pileus/kernel/clock'
import type { AccountId } from '@pileus/kernel/ids'
import type { Log } from '@pileus/kernel/log'
import { englishOf } from '@pileus/kernel/messages/text'
import type { AuditSink, ResidencyGate } from '@pileus/kernel/ports'
import type { Reconciler } from '@pileus/kernel/reconcile'
import type { Store } from '@pileus/kernel/store/store'
import type { RamPort } from '@pileus/ram/port'
import { deliveryKey, type Trail, trailArn, writeRoleOf } from '../domain/trail.ts'
import type { TrailDestinations } from '../port.ts'
import {
  type DeliverableEntry,
  deleteSpan,
  listDeliverable,
  listSpans,
  lockSpan,
  type Span,
  setSpan,
} from '../tables/spans.ts'
import { findTrail, updateTrail } from '../tables/trails.ts'

/** Woken by every change to trails. */
export const trailsChanged = 'actiontrail.trails'

/** Most events of one object. */
const maxEvents = 2_000

export interface DeliveryParts {
  store: Store
  clock: Clock
  destinations: TrailDestinations
  residency: ResidencyGate
  ram: Pick<RamPort, 'findServicePrincipal'>
  audit: AuditSink
  log: Log
}

export function createDeliveryReconciler(parts: DeliveryParts): Reconciler {
  return {
    name: 'actiontrail.delivery',
    everyMs: 30_000,
    settleMs: 1_000,
    wakeOn: [trailsChanged],
    async pass() {
      for (const span of await listSpans(parts.store.db)) {
        // A trail that cannot deliver must not keep the others from it.
        while ((await deliverNext(parts, span.id)) === 'more');
      }
    },
  }
}

/** One object, or nothing when no events wait or another process is at it. */
async function deliverNext(parts: DeliveryParts, spanId: number): Promise<'more' | 'done'> {
  const plan = await parts.store.db.transaction().execute(async (tx) => {
    const span = await lockSpan(tx, spanId)
    const trail = span && (await findTrail(tx, span))
    if (!span || !trail) return undefined
    const { accountId, regionId, nextIndex: from, toIndex, endIndex } = span
    const which = { accountId, regionId, eventRw: trail.eventRw, from, to: toIndex ?? endIndex }
    const entries = await listDeliverable(tx, which, maxEvents)
    const last = entries.at(-1)
    if (!last) {
      if (endIndex !== undefined) await deleteSpan(tx, span.id)
      return undefined
    }
    const to = toIndex ?? last.index + 1
    if (toIndex === undefined) await setSpan(tx, span.id, { toIndex: to })
    return { span, trail, entries, to }
  })
  if (!plan) return 'done'
  const { span, trail, entries, to } = plan
  const problem = await deliver(parts, trail, span, entries, to).catch(messageOf)
  if (problem !== undefined) {
    if (problem !== span.error) await tell(parts, trail, span, problem)
    return 'done'
  }
  await parts.store.db.transaction().execute(async (tx) => {
    const now = await lockSpan(tx, span.id)
    // Another process may have delivered the same, under the same name.
    if (now?.toIndex !== to) return
    await setSpan(tx, span.id, { nextIndex: to, toIndex: null, error: null })
    await updateTrail(tx, trail, { deliveredAt: parts.clock.now() })
  })
  return 'more'
}

/** Answers what stands in the way. */
async function deliver(
  parts: DeliveryParts,
  trail: Trail,
  span: Span,
  entries: readonly DeliverableEntry[],
  to: number,
): Promise<string | undefined> {
  const [first] = entries
  if (!first) throw new Error('a delivery holds at least one event')
  const bucket = await parts.destinations.findBucket(trail.bucket)
  if (bucket?.accountId !== trail.accountId) return `The account has no bucket named "${trail.bucket}".`
  const decision = await parts.residency.mayMove({
    accountId: trail.accountId as AccountId,
    principal: { kind: 'platform', name: 'actiontrail.delivery' },
    action: 'actiontrail:Deliver',
    fromRegionId: span.regionId,
    regionId: bucket.regionId,
    resource: `acs:oss:${bucket.regionId}:${trail.accountId}:${trail.bucket}`,
  })
  if (decision.kind === 'denied') {
    return `Events of ${span.regionId} may not be delivered to ${bucket.regionId}, where the bucket is. Choose a bucket in ${span.regionId}.`
  }
  const accountId = trail.accountId as AccountId
  const roleName = writeRoleOf(trail.writeRoleArn, accountId)
  const role = { roleName: roleName ?? '', service: 'actiontrail.aliyuncs.com', sessionName: 'actiontrail.delivery' }
  const opened =
    roleName === undefined ? undefined : await parts.ram.findServicePrincipal(parts.store.db, accountId, role)
  if (opened?.kind === 'closed') return englishOf(opened.reason)
  await parts.destinations.putObject({
    accountId,
    bucket: trail.bucket,
    key: deliveryKey(trail, span.regionId, first.at, first.index, to),
    bytes: await compress(`[${entries.map((entry) => entry.body).join(',')}]`),
    contentType: 'application/x-gzip',
    ...(opened ? { writer: opened.principal } : {}),
  })
  return undefined
}

const compress = promisify<string, Buffer>(gzip)

/** Keeps the problem for GetTrailStatus, and puts it into the account's own trail. */
async function tell(parts: DeliveryParts, trail: Trail, span: Span, problem: string): Promise<void> {
  parts.log.warn({ trail: trail.name, account: trail.accountId, region: span.regionId, problem }, 'a delivery failed')
  await parts.store.db.transaction().execute(async (tx) => {
    await setSpan(tx, span.id, { error: problem })
    await parts.audit.recordEvent(
      {
        actor: { kind: 'platform', name: 'actiontrail.delivery' },
        action: 'actiontrail:Deliver',
        kind: 'write',
        regionId: span.regionId,
        accountId: trail.accountId as AccountId,
        outcome: { kind: 'failure', errorCode: 'DeliveryFailed', errorMessage: problem },
        resources: [trailArn(trail)],
      },
      tx,
    )
  })
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
