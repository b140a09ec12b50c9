import type { Clock } from '@pileus/kernel/clock'
import type { Reconciler } from '@pileus/kernel/reconcile'
import type { Store } from '@pileus/kernel/store/store'
import { failUndeliverable } from '../tables/commands.ts'

/** A slow guest has this long to take a command; booting without hardware virtualization takes minutes. */
const deliverWithinMs = 10 * 60_000

/** Ends commands that no machine will run: their instance is gone or off, or its guest never answered. */
export function invocationsReconciler(deps: { store: Store; clock: Clock }): Reconciler {
  return {
    name: 'ecs.invocations',
    everyMs: 2_000,
    wakeOn: [],
    async pass() {
      const now = deps.clock.now()
      await failUndeliverable(deps.store.db, now, new Date(now.getTime() - deliverWithinMs))
    },
  }
}
