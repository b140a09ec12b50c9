import type { Clock } from '@pileus/kernel/clock'
import type { HostedRegions } from '@pileus/kernel/hosted-regions'
import type { Log } from '@pileus/kernel/log'
import { bindOperations, type Service } from '@pileus/kernel/operation'
import type { Authorizer } from '@pileus/kernel/ports'
import type { Reconciler } from '@pileus/kernel/reconcile'
import type { Migration } from '@pileus/kernel/store/migrations'
import type { Store } from '@pileus/kernel/store/store'
import type { WakeListener } from '@pileus/kernel/wake'
import type { KmsPort } from '@pileus/kms/port'
import type { RamPort } from '@pileus/ram/port'
import type { VpcPort } from '@pileus/vpc/port'
import { createRoleCredentials } from './agents/role-credentials.ts'
import { type AgentSync, createAgentSync } from './agents/sync.ts'
import { createEcsPort } from './ecs-port.ts'
import { ecsMigrations } from './migrations.ts'
import { operations } from './operations.ts'
import type { EcsPort } from './port.ts'
import { autoReleaseReconciler } from './reconcilers/auto-release.ts'
import { countsReconciler } from './reconcilers/counts.ts'
import { invocationsReconciler } from './reconcilers/invocations.ts'
import { listInventory } from './tables/inventory.ts'

export interface EcsServiceDeps {
  store: Store
  wakes: WakeListener
  clock: Clock
  hosted: HostedRegions
  vpc: VpcPort
  /** Wraps the keys of encrypted disks. */
  kms: KmsPort
  ram: RamPort
  authorizer: Authorizer
  /** Identifies the database to agents. */
  cellId: string
  log: Log
}

export interface EcsService extends Service {
  readonly port: EcsPort
  readonly reconcilers: readonly Reconciler[]
  readonly migrations: readonly Migration[]
  /** What host agents talk to. */
  readonly agents: AgentSync
  /** Answers agents that are held, and listens no more. */
  close(): void
}

/** The ECS product, and the exchange with host agents. */
export function createEcsService(deps: EcsServiceDeps): EcsService {
  const port = createEcsPort()
  const agents = createAgentSync({ ...deps, roleCredentials: createRoleCredentials(deps) })
  return {
    product: 'Ecs',
    operations: bindOperations(operations, {
      vpc: deps.vpc,
      kms: deps.kms,
      ecs: port,
      ram: deps.ram,
      authorizer: deps.authorizer,
    }),
    port,
    reconcilers: [autoReleaseReconciler(deps), invocationsReconciler(deps), countsReconciler(deps)],
    migrations: ecsMigrations,
    inventory: (accountId) => listInventory(deps.store.db, accountId),
    agents,
    close: () => agents.close(),
  }
}
