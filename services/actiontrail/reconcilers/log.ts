import type { Reconciler } from '@pileus/kernel/reconcile'
import type { Store } from '@pileus/kernel/store/store'
import type { Publisher } from '../publisher.ts'
import type { Sequencer } from '../sequencer.ts'
import { giveUpBegun } from '../tables/inbox.ts'

/** Woken, a moment after records were written. */
export const entriesWaiting = 'actiontrail.waiting'

/** Places what waits, and publishes what has grown, by whomever it was placed. */
export function createLogReconciler(sequencer: Sequencer, publisher: Publisher): Reconciler {
  return {
    name: 'actiontrail.log',
    everyMs: 5_000,
    // Each pass writes what grows and is not full again, and that costs the disk more than the rest.
    settleMs: 500,
    wakeOn: [entriesWaiting],
    async pass() {
      await sequencer.placeWaiting()
      const failures: unknown[] = []
      for (const regionId of await publisher.listBehind()) {
        await publisher.publish(regionId).catch((error) => failures.push(error))
      }
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
