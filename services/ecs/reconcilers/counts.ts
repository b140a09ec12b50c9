import type { Reconciler } from '@pileus/kernel/reconcile'
import type { Store } from '@pileus/kernel/store/store'
import { compactCounts } from '../tables/instance-lists.ts'

/** Keeps the counting of instances cheap. */
export function countsReconciler(deps: { store: Store }): Reconciler {
  return {
    name: 'ecs.counts',
    everyMs: 10_000,
    wakeOn: [],
    pass: () => compactCounts(deps.store.db),
  }
}
