/** The trail as the gateway and other products see it: where records become durable. */
import { randomUUID } from 'node:crypto'
import type { Clock } from '@pileus/kernel/clock'
import { apiError, commonErrors } from '@pileus/kernel/errors'
import type { HostedRegions } from '@pileus/kernel/hosted-regions'
import { newRequestId } from '@pileus/kernel/ids'
import type { AuditEvent, AuditSink, CallRecord } from '@pileus/kernel/ports'
import type { Store } from '@pileus/kernel/store/store'
import { entryOfCall, entryOfEvent, type NewEntry } from './domain/event.ts'
import { createGroupCommit } from './group-commit.ts'
import { finishBegun, insertBegun, insertEntry } from './tables/inbox.ts'
import { createUnprovedCalls, isUnproved } from './unproved-calls.ts'

export interface SinkParts {
  store: Store
  clock: Clock
  hosted: HostedRegions
  keepsDataEvents(ownerId: string | undefined): boolean
  /** Called when entries wait, or are about to, for their index. */
  onWaiting(): void
  /** Called when calls of nobody are counted instead of recorded: `tellCounted` is to be called in a while. */
  onCounting?(): void
}

export interface LocalAuditSink extends AuditSink {
  /** Records what was counted in the minutes that are over, or until now. */
  tellCounted(which: 'over' | 'all'): Promise<void>
}

/** What a begun call is called until its outcome is known. */
const unknownOutcome = {
  httpStatus: 0,
  errorCode: 'OutcomeUnknown',
  errorMessage: 'The process that served the call ended before it could tell how the call went.',
}

export function createAuditSink({
  store,
  clock,
  hosted,
  keepsDataEvents,
  onWaiting,
  onCounting = () => {},
}: SinkParts): LocalAuditSink {
  const { append } = createGroupCommit(store.pool)
  // A region that is not served, or that nobody named, has no log here.
  const entryOf = (call: CallRecord, eventId: string = randomUUID()): NewEntry =>
    entryOfCall(call, eventId, regionOf(call.regionId))
  const regionOf = (regionId: string | undefined): string =>
    regionId !== undefined && hosted.has(regionId) ? regionId : hosted.defaultRegionId
  const unproved = createUnprovedCalls(clock)
  const untold: AuditEvent[] = []
  const recordEvent: AuditSink['recordEvent'] = async (event, tx) => {
    const known = { ...event, regionId: regionOf(event.regionId) }
    const entry = entryOfEvent(known, randomUUID(), clock.now(), newRequestId())
    await writing(() => (tx ? insertEntry(tx, entry) : append(entry, true)))
    onWaiting()
  }
  return {
    keepsDataEvents,
    async record(call) {
      if (isUnproved(call)) {
        const taken = unproved.take(call, regionOf(call.regionId))
        if (taken === undefined) return
        if (taken !== 'call') {
          await recordEvent(taken)
          onCounting()
          return
        }
      }
      await writing(() => append(entryOf(call), call.kind === 'write'))
      onWaiting()
    },
    async recordIn(tx, call) {
      await writing(() => insertEntry(tx, entryOf(call)))
      onWaiting()
    },
    async begin(call) {
      const eventId = randomUUID()
      await writing(() => insertBegun(store.db, entryOf({ ...call, outcome: unknownOutcome }, eventId)))
      return {
        async finish(finished) {
          await writing(() => finishBegun(store.db, entryOf(finished, eventId)))
          onWaiting()
        },
      }
    },
    recordEvent,
    async tellCounted(which) {
      untold.push(...unproved.collect(which))
      for (let event = untold.shift(); event; event = untold.shift()) {
        await recordEvent(event).catch((error) => {
          untold.unshift(event)
          throw error
        })
      }
    },
  }
}

/** Nothing is done that cannot be recorded. */
async function writing(write: () => Promise<void>): Promise<void> {
  try {
    await write()
  } catch (cause) {
    throw apiError(commonErrors.ServiceUnavailable, {}, { cause })
  }
}
