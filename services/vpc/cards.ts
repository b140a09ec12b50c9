/** Making network cards and giving them addresses and groups: the part that instances and lone cards share. */
import type { Clock } from '@pileus/kernel/clock'
import { apiError, type ErrorKind } from '@pileus/kernel/errors'
import { newResourceId } from '@pileus/kernel/ids'
import type { Db } from '@pileus/kernel/store/store'
import { isUsable, usableRange } from './domain/addressing.ts'
import { getCidr } from './domain/cidr.ts'
import { quotas } from './domain/quotas.ts'
import { ecsErrors } from './errors.ts'
import { listVSwitchFacts } from './places.ts'
import type { Nic, Owner, VSwitchFacts } from './port.ts'
import {
  countAddresses,
  insertAddresses,
  listTaken,
  lockForAllocation,
  sortIps,
  takeFreeAddresses,
  takeMacs,
} from './tables/addresses.ts'
import { insertMemberships, insertNics } from './tables/nics.ts'
import type { NicRow } from './tables/schema.ts'
import { countGuardedAddresses, listSecurityGroupsToJoin, type SecurityGroup } from './tables/security-groups.ts'

export interface NewCard {
  instanceId: string | undefined
  hostname: string
  primaryIp: string | undefined
  secondaryIps: readonly string[]
  /** Secondary addresses that the network chooses. */
  secondaryCount: number
}

export interface NewCards {
  vswitch: VSwitchFacts
  securityGroupIds: readonly string[]
  type: 'Primary' | 'Secondary'
  name: string
  description: string
  deleteOnRelease: boolean
  sourceDestCheck: boolean
  resourceGroupId: string
  /** How the product says that a wanted address is taken. */
  taken: ErrorKind
  cards: readonly NewCard[]
}

/**
 * Makes cards in one vswitch, in the order given; all or none. The caller keeps the vswitch from being deleted.
 *
 * Addresses come last: from there on other callers of this vswitch wait for this transaction.
 */
export async function createCards(db: Db, owner: Owner, clock: Clock, request: NewCards): Promise<Nic[]> {
  const { vswitch, cards } = request
  for (const card of cards) checkAddresses(vswitch, card)
  const groups = await getGroupsToJoin(db, owner, request.securityGroupIds, vswitch.vpcId)
  const groupIds = groups.map((group) => group.security_group_id)
  await assertGroupsHold(
    db,
    groups,
    cards.reduce((sum, card) => sum + 1 + card.secondaryIps.length + card.secondaryCount, 0),
  )
  const macs = await takeMacs(db, cards.length)
  const now = clock.now()
  const nics = cards.map(
    (card, index): Nic => ({
      nicId: newResourceId('eni'),
      accountId: owner.accountId,
      regionId: owner.regionId,
      zoneId: vswitch.zoneId,
      vpcId: vswitch.vpcId,
      vswitchId: vswitch.vswitchId,
      mac: macs[index] ?? '',
      primaryIp: '',
      secondaryIps: [],
      securityGroupIds: groupIds,
      type: request.type,
      status: card.instanceId === undefined ? 'Available' : 'InUse',
      instanceId: card.instanceId,
      name: request.name,
      description: request.description,
      createdAt: now,
      deleteOnRelease: request.deleteOnRelease,
      hostname: card.hostname,
      sourceDestCheck: request.sourceDestCheck,
      resourceGroupId: request.resourceGroupId,
    }),
  )
  await insertNics(db, nics.map(rowOf))
  await insertMemberships(
    db,
    nics.map((nic) => nic.nicId),
    groupIds,
  )
  await giveAddresses(db, nics, request)
  return nics
}

/** Gives a card more secondary addresses; returns them. */
export async function addSecondaryAddresses(
  db: Db,
  owner: Owner,
  nic: Nic,
  wanted: { ips: readonly string[]; count: number },
): Promise<string[]> {
  const total = 1 + nic.secondaryIps.length + wanted.ips.length + wanted.count
  if (total > quotas.privateIpsPerNic) {
    throw apiError(ecsErrors['InvalidOperation.Ipv4CountExceeded'], { limit: quotas.privateIpsPerNic })
  }
  const vswitch = (await listVSwitchFacts(db, [nic.vswitchId])).get(nic.vswitchId)
  if (!vswitch) throw new Error(`the vswitch ${nic.vswitchId} of ${nic.nicId} is gone`)
  checkUsable(vswitch, wanted.ips)
  const chosen = await takeExactly(db, vswitch, wanted.count, wanted.ips)
  if (wanted.ips.length > 0) await assertFree(db, vswitch, wanted.ips, ecsErrors['InvalidIp.IpAssigned'])
  const added = sortIps([...wanted.ips, ...chosen])
  await insertAddresses(
    db,
    vswitch.vswitchId,
    added.map((ip) => ({ nicId: nic.nicId, ip, isPrimary: false })),
  )
  const groups = await getGroupsToJoin(db, owner, nic.securityGroupIds, nic.vpcId)
  await assertGroupsHold(db, groups, 0)
  return added
}

/** The groups, all of the VPC and of one type, kept from being deleted. */
export async function getGroupsToJoin(
  db: Db,
  owner: Owner,
  securityGroupIds: readonly string[],
  vpcId: string,
): Promise<SecurityGroup[]> {
  const wanted = [...new Set(securityGroupIds)]
  if (wanted.length > quotas.securityGroupsPerNic) {
    throw apiError(ecsErrors.SecurityGroupLimitExceeded, { limit: quotas.securityGroupsPerNic })
  }
  const groups = await listSecurityGroupsToJoin(db, owner, wanted)
  for (const securityGroupId of wanted) {
    const group = groups.find((candidate) => candidate.security_group_id === securityGroupId)
    if (!group) throw apiError(ecsErrors['InvalidSecurityGroupId.NotFound'], { securityGroupId })
    if (group.vpc_id !== vpcId) {
      throw apiError(ecsErrors['InvalidSecurityGroupId.VPCMismatch'], { securityGroupId, vpcId })
    }
    if (group.type !== groups[0]?.type) throw apiError(ecsErrors['InvalidOperation.SecurityGroupTypeMismatch'])
  }
  return groups
}

/** @throws SecurityGroupInstanceLimitExceed when `more` addresses would not fit one of the groups. */
export async function assertGroupsHold(db: Db, groups: readonly SecurityGroup[], more: number): Promise<void> {
  const guarded = await countGuardedAddresses(
    db,
    groups.map((group) => group.security_group_id),
  )
  for (const group of groups) {
    const limit = quotas.addressesPerSecurityGroup[group.type]
    if ((guarded.get(group.security_group_id) ?? 0) + more > limit) {
      throw apiError(ecsErrors.SecurityGroupInstanceLimitExceed, { securityGroupId: group.security_group_id, limit })
    }
  }
}

async function giveAddresses(db: Db, nics: readonly Nic[], request: NewCards): Promise<void> {
  const { vswitch, cards } = request
  const asked = cards.flatMap(askedOf)
  const count = cards.reduce((sum, card) => sum + (card.primaryIp === undefined ? 1 : 0) + card.secondaryCount, 0)
  // What the network chooses must avoid what the request itself asks for.
  const chosen = (await takeExactly(db, vswitch, count, asked)).values()
  if (asked.length > 0) await assertFree(db, vswitch, asked, request.taken)
  const take = (): string => chosen.next().value ?? ''
  for (const [index, nic] of nics.entries()) {
    const card = cards[index]
    if (!card) continue
    nic.primaryIp = card.primaryIp ?? take()
    nic.secondaryIps = sortIps([...card.secondaryIps, ...Array.from({ length: card.secondaryCount }, take)])
  }
  await insertAddresses(db, vswitch.vswitchId, nics.flatMap(addressesOf))
}

function askedOf(card: NewCard): string[] {
  return [...(card.primaryIp === undefined ? [] : [card.primaryIp]), ...card.secondaryIps]
}

function checkAddresses(vswitch: VSwitchFacts, card: NewCard): void {
  if (1 + card.secondaryIps.length + card.secondaryCount > quotas.privateIpsPerNic) {
    throw apiError(ecsErrors['InvalidOperation.Ipv4CountExceeded'], { limit: quotas.privateIpsPerNic })
  }
  checkUsable(vswitch, askedOf(card))
}

function checkUsable({ vswitchId, cidr }: VSwitchFacts, ips: readonly string[]): void {
  const seen = new Set<string>()
  for (const ip of ips) {
    if (!isUsable(ip, cidr)) throw apiError(ecsErrors['InvalidVSwitchId.IpInvalid'], { ip, vswitchId, cidr })
    if (seen.has(ip)) throw apiError(ecsErrors['InvalidIp.IpRepeated'], { ip })
    seen.add(ip)
  }
}

async function takeExactly(
  db: Db,
  { vswitchId, cidr }: VSwitchFacts,
  count: number,
  except: readonly string[],
): Promise<string[]> {
  const found = await takeFreeAddresses(db, { vswitchId, cidr }, count === 0 ? 0 : count + except.length)
  const chosen = found.filter((ip) => !except.includes(ip)).slice(0, count)
  if (chosen.length < count) {
    const free = usableRange(getCidr(cidr)).count - (await countAddresses(db, vswitchId))
    throw apiError(ecsErrors['InvalidVSwitchId.IpNotEnough'], { vswitchId, free: Math.max(0, free), wanted: count })
  }
  return chosen
}

/** @throws `taken` for the first address that a card has; callers hold the vswitch's `allocate` lock from here. */
async function assertFree(
  db: Db,
  { vswitchId }: VSwitchFacts,
  ips: readonly string[],
  taken: ErrorKind,
): Promise<void> {
  await lockForAllocation(db, vswitchId)
  const [ip] = await listTaken(db, vswitchId, ips)
  if (ip !== undefined) throw apiError(taken, { ip, vswitchId })
}

function rowOf(nic: Nic): NicRow {
  return {
    nic_id: nic.nicId,
    account_id: nic.accountId,
    region_id: nic.regionId,
    zone_id: nic.zoneId,
    vpc_id: nic.vpcId,
    vswitch_id: nic.vswitchId,
    mac: nic.mac,
    type: nic.type,
    instance_id: nic.instanceId ?? null,
    hostname: nic.hostname,
    name: nic.name,
    description: nic.description,
    delete_on_release: nic.deleteOnRelease,
    source_dest_check: nic.sourceDestCheck,
    resource_group_id: nic.resourceGroupId,
    attached_at: nic.instanceId === undefined ? null : nic.createdAt,
    created_at: nic.createdAt,
  }
}

function addressesOf(nic: Nic) {
  return [
    { nicId: nic.nicId, ip: nic.primaryIp, isPrimary: true },
    ...nic.secondaryIps.map((ip) => ({ nicId: nic.nicId, ip, isPrimary: false })),
  ]
}
