import type { Reconciler } from '@pileus/kernel/reconcile'
import type { Store } from '@pileus/kernel/store/store'
import type { Publisher } from '../publisher.ts'
import type { Sequencer } from '../sequencer.ts'
import { giveUpBegun } from '../tables/inbox.ts'

/** Woken, a moment after records were written. */
export const entriesWaiting = 'actiontrail.waiting'

/** Places what waits, and publishes. */
export function createLogReconciler(
  regionIds: readonly string[],
  sequencer: Sequencer,
  publisher: Publisher,
): Reconciler {
  // At the first pass a process may find placed entries that another died before publishing.
  let isFirst = true
  return {
    name: 'actiontrail.log',
    everyMs: 5_000,
    settleMs: 200,
    wakeOn: [entriesWaiting],
    async pass() {
      const grown = new Set(await sequencer.placeWaiting())
      const failures: unknown[] = []
      for (const regionId of isFirst ? regionIds : grown) {
        await publisher.publish(regionId).catch((error) => failures.push(error))
      }
      isFirst = failures.length > 0
      if (failures.length > 0) throw failures[0]
    },
  }
}

/** After this long a begun call is taken for one whose process ended. */
export const giveUpAfterSeconds = 600

/** Tells of calls whose process ended before it could. */
export function createBegunReconciler(store: Store): Reconciler {
  return {
    name: 'actiontrail.begun',
    everyMs: 60_000,
    wakeOn: [],
    async pass() {
      await giveUpBegun(store.db, giveUpAfterSeconds)
    },
  }
}
