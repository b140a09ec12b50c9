import type { Clock } from '@pileus/kernel/clock'
import type { Reconciler } from '@pileus/kernel/reconcile'
import type { Store } from '@pileus/kernel/store/store'
import { wake } from '@pileus/kernel/wake'
import type { VpcPort } from '@pileus/vpc/port'
import { endInstances } from '../power.ts'
import { listDueForRelease, lockDueForRelease } from '../tables/instances.ts'

/** Deletes instances whose release time has come, each in its own transaction. */
export function autoReleaseReconciler(deps: { store: Store; clock: Clock; vpc: VpcPort }): Reconciler {
  return {
    name: 'ecs.auto-release',
    everyMs: 30_000,
    wakeOn: ['ecs.auto-release'],
    async pass() {
      const now = deps.clock.now()
      for (const due of await listDueForRelease(deps.store.db, now, 200)) {
        await deps.store.transaction(async (tx) => {
          const row = await lockDueForRelease(tx, due.id, now)
          if (!row) return
          await endInstances({ db: tx, clock: deps.clock, vpc: deps.vpc, wake: (topic) => wake(tx, topic) }, [row])
        })
      }
    },
  }
}
