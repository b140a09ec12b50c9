import { join } from 'node:path'
import type { Clock } from '@pileus/kernel/clock'
import type { HostedRegions } from '@pileus/kernel/hosted-regions'
import type { Log } from '@pileus/kernel/log'
import { bindOperations, type Service } from '@pileus/kernel/operation'
import type { ResidencyGate } from '@pileus/kernel/ports'
import type { SecretBox } from '@pileus/kernel/secret-box'
import type { Store } from '@pileus/kernel/store/store'
import { type WakeListener, wake } from '@pileus/kernel/wake'
import type { RamPort } from '@pileus/ram/port'
import { watchDataEventAccounts } from './data-events.ts'
import { actiontrailMigrations } from './migrations.ts'
import { operations } from './operations.ts'
import type { TrailDestinations } from './port.ts'
import { createPublisher, exportLog } from './publisher.ts'
import { createDeliveryReconciler } from './reconcilers/delivery.ts'
import { createBegunReconciler, createLogReconciler, entriesWaiting } from './reconcilers/log.ts'
import { createSequencer, type Sequencer } from './sequencer.ts'
import { createAuditSink, type LocalAuditSink } from './sink.ts'
import { listInventory } from './tables/inventory.ts'
import { findPlace, listLogs } from './tables/log.ts'

export interface ActiontrailParts {
  store: Store
  secretBox: SecretBox
  clock: Clock
  hosted: HostedRegions
  cellId: string
  wakes: Pick<WakeListener, 'on'>
  residency: ResidencyGate
  /** Roles in whose name events are delivered. */
  ram: Pick<RamPort, 'findServicePrincipal'>
  /** Object storage, which is made after the trail. */
  destinations(): TrailDestinations
  /** Where logs are published, in a folder per region. */
  directory: string
  log: Log
}

export interface ActiontrailService extends Service {
  readonly audit: LocalAuditSink
  readonly sequencer: Sequencer
  /** Writes logs out of the database, each into its folder below `directory`; answers their regions. */
  exportLogs(directory: string, regionId?: string): Promise<string[]>
  /** Where an event is in the log of a region. */
  findPlace(regionId: string, eventId: string): Promise<number | undefined>
  /** Tells what was counted so far. */
  close(): Promise<void>
}

/** Records gather this long before they get their place in the log. */
const placeAfterMs = 150
/** When the minute is over in which calls were counted. */
const tellCountedAfterMs = 61_000

/** Keeps what was done, by whom and how it went, so that nobody can change it unseen. */
export function createActiontrailService(parts: ActiontrailParts): ActiontrailService {
  const { store, secretBox, clock, hosted, cellId, directory, wakes, residency, log } = parts
  const sequencer = createSequencer({ store, secretBox, cellId })
  const publisher = createPublisher(store, directory)
  let timer: NodeJS.Timeout | undefined
  const onWaiting = (): void => {
    timer ??= setTimeout(() => {
      timer = undefined
      wake(store.db, entriesWaiting).catch((error) => log.warn({ err: error }, 'waking the trail'))
    }, placeAfterMs).unref()
  }
  const dataEvents = watchDataEventAccounts(store, wakes, log)
  let tellTimer: NodeJS.Timeout | undefined
  const onCounting = (): void => {
    tellTimer ??= setTimeout(() => {
      tellTimer = undefined
      audit.tellCounted('over').catch((error) => {
        log.error({ err: error }, 'counted calls are not in the trail yet')
        onCounting()
      })
    }, tellCountedAfterMs).unref()
  }
  const audit = createAuditSink({ store, clock, hosted, keepsDataEvents: dataEvents.has, onWaiting, onCounting })
  const destinations: TrailDestinations = {
    findBucket: (name) => parts.destinations().findBucket(name),
    putObject: (object) => parts.destinations().putObject(object),
  }
  return {
    product: 'Actiontrail',
    operations: bindOperations(operations, { destinations, sequencer }),
    migrations: actiontrailMigrations,
    inventory: (accountId) => listInventory(store.db, accountId),
    reconcilers: [
      createLogReconciler(sequencer, publisher),
      createBegunReconciler(store),
      createDeliveryReconciler({ store, clock, destinations, residency, ram: parts.ram, audit, log }),
    ],
    audit,
    sequencer,
    async exportLogs(target, regionId) {
      const done: string[] = []
      for (const one of await listLogs(store.db, regionId)) {
        await exportLog(store, one.regionId, join(target, one.regionId))
        done.push(one.regionId)
      }
      return done
    },
    findPlace: (regionId, eventId) => findPlace(store.db, regionId, eventId),
    async close() {
      clearTimeout(tellTimer)
      await audit.tellCounted('all').catch((error) => log.error({ err: error }, 'counted calls are not in the trail'))
      clearTimeout(timer)
      dataEvents.close()
    },
  }
}

/** Where a cell with this data directory publishes its logs. */
export function publicationDirectory(dataDir: string): string {
  return join(dataDir, 'audit')
}
