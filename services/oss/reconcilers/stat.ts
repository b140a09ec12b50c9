import type { Reconciler } from '@pileus/kernel/reconcile'
import type { Store } from '@pileus/kernel/store/store'
import { foldStatSteps } from '../tables/stat.ts'

const batch = 20_000

/** Folds the steps that writes leave into the counters of their buckets, so that reading them stays quick. */
export function createStatReconciler({ store }: { store: Store }): Reconciler {
  return {
    name: 'oss.stat',
    everyMs: 5_000,
    wakeOn: [],
    async pass() {
      while ((await foldStatSteps(store.pool, batch)) === batch);
    },
  }
}
