/**
 * Makes the network what its rows say. A pass reads all rows as of one moment, derives the whole logical network and
 * gives it to the driver, which writes the difference. The ports that the driver reports are in force: machines may
 * start on them, so newly ready ones wake the reconciler of machines.
 */
import type { NetworkDriver } from '@pileus/kernel/fabric/network'
import type { Reconciler } from '@pileus/kernel/reconcile'
import type { Store } from '@pileus/kernel/store/store'
import { wake } from '@pileus/kernel/wake'
import { logicalNetwork } from '../domain/logical-network.ts'
import { readNetworkRows } from '../tables/network-rows.ts'

/** Topic on which whoever changes the network's rows wakes it. */
export const networkTopic = 'vpc.network'
/** Topic of those who wait for ready ports. */
export const machinesTopic = 'ecs.machines'

/** Which cards' places are in force, as of the last pass of this process. */
export interface ReadyNics {
  has(nicId: string): boolean
}

export function networkReconciler(deps: { store: Store; driver: NetworkDriver }): {
  reconciler: Reconciler
  ready: ReadyNics
} {
  let ready: ReadonlySet<string> = new Set()
  return {
    ready: { has: (nicId) => ready.has(nicId) },
    reconciler: {
      name: networkTopic,
      everyMs: 30_000,
      settleMs: 50,
      wakeOn: [networkTopic],
      async pass() {
        const report = await deps.driver.apply(logicalNetwork(await readNetworkRows(deps.store.db)))
        const before = ready
        ready = new Set(report.readyPortIds)
        if (report.readyPortIds.some((portId) => !before.has(portId))) await wake(deps.store.db, machinesTopic)
      },
    },
  }
}
