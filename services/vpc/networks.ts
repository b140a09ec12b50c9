/** Making VPCs and vswitches: used by the operations, and where other products need default ones. */
import type { Clock } from '@pileus/kernel/clock'
import { apiError } from '@pileus/kernel/errors'
import type { HostedRegions } from '@pileus/kernel/hosted-regions'
import { newResourceId } from '@pileus/kernel/ids'
import type { Db } from '@pileus/kernel/store/store'
import { implicitVpcCidr, implicitVSwitchPrefixLength, parseVSwitchCidr } from './domain/addressing.ts'
import { contains, findFreeBlock, formatCidr, getCidr } from './domain/cidr.ts'
import { quotas } from './domain/quotas.ts'
import { errors } from './errors.ts'
import type { Owner } from './port.ts'
import { getSystemRouteTableId, insertRouteTable, listRouteEntries, listRouteTableIds } from './tables/route-tables.ts'
import { blocksOf, countVpcsForInsert, findDefaultVpc, findVpcLocked, insertVpc, type Vpc } from './tables/vpcs.ts'
import {
  findDefaultVSwitch,
  findVSwitchLocked,
  insertVSwitch,
  listVSwitchesOfVpcs,
  lockDefaults,
} from './tables/vswitches.ts'

export interface NewVpc {
  cidr: string
  userCidrs: string[]
  name: string
  description: string
  isDefault: boolean
  dnsHostnames: boolean
  resourceGroupId: string
}

/** Makes a VPC with its router and system route table. @throws QuotaExceeded.Vpc */
export async function createVpc(
  db: Db,
  owner: Owner,
  clock: Clock,
  request: NewVpc,
): Promise<{ vpc: Vpc; routeTableId: string }> {
  if ((await countVpcsForInsert(db, owner)) >= quotas.vpcsPerRegion) {
    throw apiError(errors['QuotaExceeded.Vpc'], { limit: quotas.vpcsPerRegion })
  }
  const owned = { account_id: owner.accountId, region_id: owner.regionId, created_at: clock.now() }
  const vpc: Vpc = {
    ...owned,
    vpc_id: newResourceId('vpc'),
    cidr: request.cidr,
    secondary_cidrs: [],
    user_cidrs: request.userCidrs,
    name: request.name,
    description: request.description,
    is_default: request.isDefault,
    dns_hostnames: request.dnsHostnames,
    vrouter_id: newResourceId('vrt'),
    resource_group_id: request.resourceGroupId,
  }
  await insertVpc(db, vpc)
  const routeTableId = newResourceId('vtb')
  await insertRouteTable(db, {
    ...owned,
    route_table_id: routeTableId,
    vpc_id: vpc.vpc_id,
    is_system: true,
    name: '',
    description: '',
    propagates: true,
  })
  return { vpc, routeTableId }
}

export interface NewVSwitch {
  vpcId: string
  zoneId: string
  /** A block, or how large a free one shall be. */
  cidr: string | { prefixLength: number }
  name: string
  description: string
  isDefault: boolean
}

/** Makes a vswitch that follows its VPC's system route table; changes of one VPC's shape happen one after the other. */
export async function createVSwitch(
  db: Db,
  owner: Owner,
  clock: Clock,
  hosted: HostedRegions,
  request: NewVSwitch,
): Promise<{ vswitchId: string; cidr: string; vpc: Vpc }> {
  const { vpcId, zoneId } = request
  if (!hosted.findZone(owner.regionId, zoneId)) {
    throw apiError(errors['InvalidZoneId.NotFound'], { regionId: owner.regionId, zoneId })
  }
  const vpc = await findVpcLocked(db, owner, vpcId, 'shape')
  if (!vpc) throw apiError(errors['InvalidVpcId.NotFound'], { vpcId })
  const siblings = await listVSwitchesOfVpcs(db, [vpcId])
  if (siblings.length >= quotas.vswitchesPerVpc) {
    throw apiError(errors['QuotaExceeded.VSwitch'], { limit: quotas.vswitchesPerVpc })
  }
  const others = siblings.map((sibling) => sibling.cidr)
  const cidr =
    typeof request.cidr === 'string'
      ? formatCidr(parseVSwitchCidr(request.cidr, blocksOf(vpc), others))
      : chooseBlock(vpc, others, request.cidr.prefixLength)
  await assertNoRouteInside(db, vpcId, cidr)
  const vswitchId = newResourceId('vsw')
  await insertVSwitch(db, {
    account_id: owner.accountId,
    region_id: owner.regionId,
    created_at: clock.now(),
    vswitch_id: vswitchId,
    vpc_id: vpcId,
    zone_id: zoneId,
    cidr,
    name: request.name,
    description: request.description,
    is_default: request.isDefault,
    route_table_id: await getSystemRouteTableId(db, vpcId),
  })
  return { vswitchId, cidr, vpc }
}

/** A route to a part of a vswitch would take its traffic away. */
async function assertNoRouteInside(db: Db, vpcId: string, cidr: string): Promise<void> {
  const tables = await listRouteTableIds(db, [vpcId])
  const entries = await listRouteEntries(
    db,
    tables.map((table) => table.route_table_id),
  )
  const entry = entries.find((candidate) => contains(getCidr(cidr), getCidr(candidate.destination)))
  if (entry) throw apiError(errors['InvalidCidrBlock.Overlapped'], { cidr, other: `the route to ${entry.destination}` })
}

function chooseBlock(vpc: Vpc, taken: readonly string[], prefixLength: number): string {
  const block = findFreeBlock(getCidr(vpc.cidr), prefixLength, taken.map(getCidr))
  if (block) return formatCidr(block)
  throw apiError(errors['InvalidCidrBlock.Overlapped'], { cidr: `/${prefixLength}`, other: 'every part of the VPC' })
}

/** The region's default VPC, made when there is none. Callers hold the lock on defaults. */
export async function ensureDefaultVpc(db: Db, owner: Owner, clock: Clock): Promise<Vpc> {
  const found = await findDefaultVpc(db, owner)
  if (found) return found
  const { vpc } = await createVpc(db, owner, clock, defaultVpc())
  return vpc
}

/** What a default VPC is made of. */
export function defaultVpc(resourceGroupId = ''): NewVpc {
  return {
    cidr: implicitVpcCidr,
    userCidrs: [],
    name: '',
    description: '',
    isDefault: true,
    dnsHostnames: false,
    resourceGroupId,
  }
}

/** The zone's default vswitch (of any zone when none is named), made with its VPC when there is none; locked to stay. */
export async function ensureDefaultVSwitch(
  db: Db,
  owner: Owner,
  clock: Clock,
  hosted: HostedRegions,
  zoneId: string | undefined,
) {
  const found = await findDefaultVSwitch(db, owner, zoneId)
  if (found) return found
  await lockDefaults(db, owner)
  const meanwhile = await findDefaultVSwitch(db, owner, zoneId)
  if (meanwhile) return meanwhile
  const vpc = await ensureDefaultVpc(db, owner, clock)
  const zone = zoneId ?? hosted.get(owner.regionId).zones[0]?.id
  if (zone === undefined) throw new Error(`the region ${owner.regionId} has no zone`)
  const { vswitchId } = await createVSwitch(db, owner, clock, hosted, {
    vpcId: vpc.vpc_id,
    zoneId: zone,
    cidr: { prefixLength: implicitVSwitchPrefixLength },
    name: '',
    description: '',
    isDefault: true,
  })
  const made = await findVSwitchLocked(db, owner, vswitchId, 'stay')
  if (!made) throw new Error(`the default vswitch ${vswitchId} is gone in its own transaction`)
  return made
}
