/** What other products may ask of the network: places for machines, their cards, and the groups that guard them. */
import type { AccountId } from '@pileus/kernel/ids'
import type { Db } from '@pileus/kernel/store/store'

/** Whose resources, and where. Ids of another owner answer as if they did not exist. */
export interface Owner {
  accountId: AccountId
  regionId: string
}

export interface VSwitchFacts {
  vswitchId: string
  vpcId: string
  zoneId: string
  /** IPv4. */
  cidr: string
  gatewayIp: string
  vpcCidr: string
}

export type NicStatus = 'Available' | 'InUse'

/** A network card with its addresses. */
export interface Nic {
  nicId: string
  accountId: AccountId
  regionId: string
  zoneId: string
  vpcId: string
  vswitchId: string
  /** Lower case, colon separated. */
  mac: string
  primaryIp: string
  secondaryIps: string[]
  securityGroupIds: string[]
  type: 'Primary' | 'Secondary'
  status: NicStatus
  instanceId: string | undefined
  name: string
  description: string
  createdAt: Date
  /** Whether it goes with its instance. */
  deleteOnRelease: boolean
}

export interface NewInstanceNics {
  vswitch: VSwitchFacts
  /** One card is made for each. */
  instances: readonly { instanceId: string; hostname: string }[]
  /** All of the vswitch's VPC; checked. */
  securityGroupIds: readonly string[]
  /** Asked for; only with a single instance. */
  primaryIp?: string | undefined
}

/** All functions throw the vendor's errors; `db` is the caller's transaction where they write. */
export interface VpcPort {
  /** Reads a vswitch and keeps it from being deleted until the transaction ends. @throws InvalidVSwitchId.NotFound */
  lockVSwitch(db: Db, owner: Owner, vswitchId: string): Promise<VSwitchFacts>
  /** The default vswitch of the zone (or of any zone), made with its default VPC when there is none yet. */
  ensureDefaultVSwitch(db: Db, owner: Owner, zoneId: string | undefined): Promise<VSwitchFacts>
  /** A security group of the VPC for callers that name none, made when there is none yet. */
  ensureDefaultSecurityGroup(db: Db, owner: Owner, vpcId: string): Promise<string>
  /** VPC of a security group. @throws InvalidSecurityGroupId.NotFound */
  getSecurityGroupVpc(db: Db, owner: Owner, securityGroupId: string): Promise<string>
  /**
   * Allocates addresses and makes the primary cards of new instances, in the order given.
   * @throws InvalidSecurityGroupId.NotFound, InvalidIPAddress.AlreadyUsed, InvalidVSwitchId.IpNotEnough …
   */
  createInstanceNics(db: Db, owner: Owner, request: NewInstanceNics): Promise<Nic[]>
  /** Cards of instances (any owner: the caller has checked the instances), primary first. */
  listNicsOfInstances(db: Db, instanceIds: readonly string[]): Promise<Map<string, Nic[]>>
  /** Instances whose cards match all that is given; for DescribeInstances filters. */
  listInstanceIds(
    db: Db,
    owner: Owner,
    filter: { vpcId?: string; vswitchId?: string; securityGroupId?: string; privateIps?: readonly string[] },
  ): Promise<string[]>
  /** Replaces the security groups of an instance's primary card. */
  setInstanceSecurityGroups(
    db: Db,
    owner: Owner,
    instanceId: string,
    securityGroupIds: readonly string[],
  ): Promise<void>
  /** Facts of vswitches by id, whatever their owner; for describing instances and their metadata. */
  listVSwitchFacts(db: Db, vswitchIds: readonly string[]): Promise<Map<string, VSwitchFacts>>
  /**
   * Frees the cards of instances that are gone: deletes those with `deleteOnRelease`, detaches the others.
   * Called in the transaction that deletes the instances' rows.
   */
  releaseInstanceNics(db: Db, instanceIds: readonly string[]): Promise<void>
  /** Cards whose place in the network is in force, so that a machine may start on them. */
  isNicReady(nicId: string): boolean
}
