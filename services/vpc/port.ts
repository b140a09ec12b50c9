/** What other products may ask of the network: places for machines, their cards, and the groups that guard them. */
import type { AccountId } from '@pileus/kernel/ids'
import type { Page } from '@pileus/kernel/pagination'
import type { Db } from '@pileus/kernel/store/store'
import type { Tag } from '@pileus/kernel/tags'

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
  /** What DHCP tells the guest to be called; '' for cards that were made without an instance. */
  hostname: string
  sourceDestCheck: boolean
  resourceGroupId: string
}

/** One rule as the API's flat parameters or a `Permissions.N` give it. */
export interface PermissionRequest {
  IpProtocol?: string | undefined
  PortRange?: string | undefined
  SourcePortRange?: string | undefined
  Policy?: string | undefined
  /** 1 (first) to 100 (last), decimal. */
  Priority?: string | undefined
  NicType?: string | undefined
  SourceCidrIp?: string | undefined
  DestCidrIp?: string | undefined
  SourceGroupId?: string | undefined
  DestGroupId?: string | undefined
  Ipv6SourceCidrIp?: string | undefined
  Ipv6DestCidrIp?: string | undefined
  SourcePrefixListId?: string | undefined
  DestPrefixListId?: string | undefined
  PortRangeListId?: string | undefined
  Description?: string | undefined
}

/** A tag that resources must carry; any value when none is given. */
export interface TagCondition {
  key: string
  value?: string | undefined
}

export interface SecurityGroupFacts {
  securityGroupId: string
  vpcId: string
  name: string
  description: string
  type: 'normal' | 'enterprise'
  innerAccess: 'Accept' | 'Drop'
  resourceGroupId: string
  createdAt: Date
}

export interface SecurityGroupUse {
  instances: number
  rules: number
  groupRules: number
  /** Private addresses that the group guards, and how many it can. */
  addresses: number
  addressLimit: number
}

export interface SecurityRuleFacts {
  ruleId: string
  direction: 'ingress' | 'egress'
  policy: 'Accept' | 'Drop'
  priority: number
  protocol: 'TCP' | 'UDP' | 'ICMP' | 'GRE' | 'ALL'
  /** `22/80`; `-1/-1` for all. */
  portRange: string
  /** '' for all. */
  sourcePortRange: string
  /** The other side: one of the two, the other is ''. */
  peerCidr: string
  peerGroupId: string
  /** The near side, '' when the rule does not narrow it. */
  localCidr: string
  description: string
  createdAt: Date
}

export interface SecurityGroupFilter {
  securityGroupIds?: readonly string[] | undefined
  vpcId?: string | undefined
  /** Exact, or a part of the name when `fuzzy`. */
  name?: string | undefined
  fuzzy?: boolean | undefined
  type?: string | undefined
  resourceGroupId?: string | undefined
  tags?: readonly TagCondition[] | undefined
}

/** Pages of lists ordered by creation: `nextKey` is what a token continues after, absent at the end. */
export interface PageOf<Item> {
  items: Item[]
  total: number
  nextKey: string | undefined
}

/** Security groups, for the ECS product's actions on them. Changes of rules wake the network by themselves. */
export interface SecurityGroupsPort {
  create(
    db: Db,
    owner: Owner,
    request: {
      vpcId: string | undefined
      name: string | undefined
      description: string | undefined
      type: string | undefined
      resourceGroupId: string | undefined
      tags: readonly Tag[]
    },
  ): Promise<string>
  /** @throws InvalidSecurityGroupId.NotFound */
  get(db: Db, owner: Owner, securityGroupId: string): Promise<SecurityGroupFacts>
  list(db: Db, owner: Owner, filter: SecurityGroupFilter, page: Page): Promise<PageOf<SecurityGroupFacts>>
  listUse(db: Db, groups: readonly SecurityGroupFacts[]): Promise<Map<string, SecurityGroupUse>>
  listRules(
    db: Db,
    securityGroupId: string,
    filter: { direction?: 'ingress' | 'egress' | undefined },
    page: { after: string | undefined; limit: number },
  ): Promise<{ rules: SecurityRuleFacts[]; nextKey: string | undefined }>
  /** Names of groups, whoever owns them. */
  listNames(db: Db, securityGroupIds: readonly string[]): Promise<Map<string, string>>
  listReferences(
    db: Db,
    owner: Owner,
    securityGroupIds: readonly string[],
  ): Promise<Map<string, { securityGroupId: string; accountId: string }[]>>
  modify(
    db: Db,
    owner: Owner,
    securityGroupId: string,
    change: {
      name?: string | undefined
      description?: string | undefined
      innerAccess?: string | undefined
      resourceGroupId?: string | undefined
    },
  ): Promise<void>
  /** Adds rules; those that are there already stay as they are. */
  authorize(
    db: Db,
    owner: Owner,
    securityGroupId: string,
    direction: 'ingress' | 'egress',
    permissions: readonly PermissionRequest[],
  ): Promise<void>
  /** Removes rules; those that are not there do no harm. */
  revoke(
    db: Db,
    owner: Owner,
    securityGroupId: string,
    direction: 'ingress' | 'egress',
    rules: { permissions: readonly PermissionRequest[]; ruleIds: readonly string[] },
  ): Promise<void>
  /** Changes the rule with that id, or, without one, the description of the rule that the parameters name. */
  modifyRule(
    db: Db,
    owner: Owner,
    securityGroupId: string,
    direction: 'ingress' | 'egress',
    ruleId: string | undefined,
    change: PermissionRequest,
  ): Promise<void>
  /** @throws DependencyViolation while cards are in it or other groups name it. */
  delete(db: Db, owner: Owner, securityGroupId: string): Promise<void>
  /** Adds a card, or the primary card of an instance, to the group. */
  join(db: Db, owner: Owner, securityGroupId: string, member: GroupMember): Promise<void>
  leave(db: Db, owner: Owner, securityGroupId: string, member: GroupMember): Promise<void>
}

export type GroupMember = { kind: 'instance'; instanceId: string } | { kind: 'nic'; nicId: string }

export interface NicFilter {
  nicIds?: readonly string[] | undefined
  instanceId?: string | undefined
  vpcId?: string | undefined
  vswitchId?: string | undefined
  securityGroupId?: string | undefined
  primaryIp?: string | undefined
  /** Any of the card's addresses. */
  privateIps?: readonly string[] | undefined
  name?: string | undefined
  status?: NicStatus | undefined
  type?: 'Primary' | 'Secondary' | undefined
  resourceGroupId?: string | undefined
  tags?: readonly TagCondition[] | undefined
}

/** The instance a card is attached to, as its product knows it. */
export interface InstanceFacts {
  instanceId: string
  instanceType: string
  zoneId: string
  /** How many cards it can have, the primary one included. */
  nicLimit: number
}

/** Network interfaces, for the ECS product's actions on them. */
export interface NetworkInterfacesPort {
  create(
    db: Db,
    owner: Owner,
    request: {
      vswitchId: string
      securityGroupIds: readonly string[]
      primaryIp: string | undefined
      secondaryIps: readonly string[]
      /** How many more, chosen by the network. */
      secondaryCount: number
      name: string | undefined
      description: string | undefined
      deleteOnRelease: boolean
      sourceDestCheck: boolean
      resourceGroupId: string | undefined
      tags: readonly Tag[]
    },
  ): Promise<Nic>
  /** @throws InvalidEniId.NotFound */
  get(db: Db, owner: Owner, nicId: string): Promise<Nic>
  list(db: Db, owner: Owner, filter: NicFilter, page: Page): Promise<PageOf<Nic>>
  modify(
    db: Db,
    owner: Owner,
    nicId: string,
    change: {
      name?: string | undefined
      description?: string | undefined
      securityGroupIds?: readonly string[] | undefined
      deleteOnRelease?: boolean | undefined
      sourceDestCheck?: boolean | undefined
    },
  ): Promise<void>
  /** @throws InvalidOperation.InvalidEniState while it is attached. */
  delete(db: Db, owner: Owner, nicId: string): Promise<void>
  /** The caller has locked the instance and checked its status. Attaching it again changes nothing. */
  attach(db: Db, owner: Owner, nicId: string, instance: InstanceFacts): Promise<void>
  /** Detaching a card that is not attached changes nothing. */
  detach(db: Db, owner: Owner, nicId: string, instanceId: string): Promise<void>
  /** Adds the given secondary addresses, or `count` that the network chooses; returns those added. */
  assignIps(db: Db, owner: Owner, nicId: string, wanted: { ips: readonly string[]; count: number }): Promise<string[]>
  unassignIps(db: Db, owner: Owner, nicId: string, ips: readonly string[]): Promise<void>
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
  /** What DHCP tells the guest from now on. */
  setInstanceHostname(db: Db, owner: Owner, instanceId: string, hostname: string): Promise<void>
  /** For deleting instances. @throws DependencyViolation.RouteEntry when one is the next hop of a route. */
  assertNotNextHop(db: Db, owner: Owner, instanceIds: readonly string[]): Promise<void>
  /** Those of the ids that the owner has: for tags, which the ECS product keeps for these two types. */
  listOwnedIds(db: Db, owner: Owner, resourceType: 'securitygroup' | 'eni', ids: readonly string[]): Promise<string[]>
  readonly securityGroups: SecurityGroupsPort
  readonly networkInterfaces: NetworkInterfacesPort
}
