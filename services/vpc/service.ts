import type { Clock } from '@pileus/kernel/clock'
import type { NetworkDriver } from '@pileus/kernel/fabric/network'
import type { HostedRegions } from '@pileus/kernel/hosted-regions'
import { bindOperations, type Service } from '@pileus/kernel/operation'
import type { Reconciler } from '@pileus/kernel/reconcile'
import type { Migration } from '@pileus/kernel/store/migrations'
import type { Store } from '@pileus/kernel/store/store'
import { vpcMigrations } from './migrations.ts'
import { operations } from './operations.ts'
import type { VpcPort } from './port.ts'
import { networkReconciler } from './reconcilers/network.ts'
import { listInventory } from './tables/inventory.ts'
import { createVpcPort } from './vpc-port.ts'

export interface VpcServiceDeps {
  store: Store
  clock: Clock
  hosted: HostedRegions
  driver: NetworkDriver
}

export interface VpcService extends Service {
  readonly port: VpcPort
  readonly reconcilers: readonly Reconciler[]
  readonly migrations: readonly Migration[]
}

/** The VPC product, and the network that the ECS product builds on. The caller closes the driver. */
export function createVpcService({ store, clock, hosted, driver }: VpcServiceDeps): VpcService {
  const { reconciler, ready } = networkReconciler({ store, driver })
  return {
    product: 'Vpc',
    operations: bindOperations(operations, {}),
    port: createVpcPort({ clock, hosted, ready }),
    reconcilers: [reconciler],
    migrations: vpcMigrations,
    inventory: (accountId) => listInventory(store.db, accountId),
  }
}
