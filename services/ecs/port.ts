/** What other products may ask of instances. */
import type { AccountId } from '@pileus/kernel/ids'
import type { Db } from '@pileus/kernel/store/store'

/** Statuses as customers see them. */
export type InstanceStatus = 'Pending' | 'Starting' | 'Running' | 'Stopping' | 'Stopped'

export interface InstanceFacts {
  instanceId: string
  status: InstanceStatus
  zoneId: string
  vpcId: string
  vswitchId: string
  instanceType: string
  /** How many network cards its type allows, the primary one included. */
  eniQuantity: number
  /** How many IPv4 addresses each card may have, the primary one included. */
  eniPrivateIpAddressQuantity: number
}

interface Owner {
  accountId: AccountId
  regionId: string
}

/** All functions throw the vendor's errors; `db` is the caller's transaction where they write. */
export interface EcsPort {
  /** Reads an instance and keeps its intent still until the transaction ends. @throws InvalidInstanceId.NotFound */
  lockInstance(db: Db, owner: Owner, instanceId: string): Promise<InstanceFacts>
  /** Facts of the instances that exist; others are absent. */
  listInstanceFacts(db: Db, owner: Owner, instanceIds: readonly string[]): Promise<Map<string, InstanceFacts>>
  /** Says that what the machines of these instances are made of has changed, such as their cards. */
  noteMachinesChanged(db: Db, instanceIds: readonly string[]): Promise<void>
}
