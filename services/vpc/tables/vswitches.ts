import { type Db, lockNamed } from '@pileus/kernel/store/store'
import { sql } from 'kysely'
import type { Owner } from '../port.ts'
import { offsetOf, type PageNumber } from './paging.ts'
import { tables, type VSwitchRow } from './schema.ts'
import { type TagFilter, taggedIds, tagOwner } from './tags.ts'

export interface VSwitch extends VSwitchRow {
  /** Whether it follows its VPC's system table. */
  follows_system_table: boolean
  /** First block of its VPC. */
  vpc_cidr: string
  resource_group_id: string
  /** Addresses that cards have. */
  used_ips: number
}

export interface VSwitchFilter {
  vswitchIds?: readonly string[] | undefined
  vpcId?: string | undefined
  zoneId?: string | undefined
  name?: string | undefined
  isDefault?: boolean | undefined
  routeTableId?: string | undefined
  resourceGroupId?: string | undefined
  tags?: readonly TagFilter[] | undefined
}

export async function insertVSwitch(db: Db, vswitch: VSwitchRow): Promise<void> {
  await tables(db).insertInto('vpc.vswitches').values(vswitch).execute()
}

export async function findVSwitch(db: Db, owner: Owner, vswitchId: string): Promise<VSwitch | undefined> {
  return await full(ofOwner(db, owner)).where('s.vswitch_id', '=', vswitchId).executeTakeFirst()
}

/** Facts of vswitches, whoever owns them. */
export async function listVSwitchesById(db: Db, vswitchIds: readonly string[]) {
  if (vswitchIds.length === 0) return []
  return await joined(db)
    .select(['s.vswitch_id', 's.vpc_id', 's.zone_id', 's.cidr', 'v.cidr as vpc_cidr'])
    .where('s.vswitch_id', 'in', vswitchIds)
    .execute()
}

/**
 * Finds and locks: `stay` keeps it from being deleted and disturbs nobody else, `allocate` also serves one allocation
 * of addresses after the other, `delete` keeps everything away. A transaction may go from `stay` to `allocate`: the
 * two do not exclude each other, so two transactions that do so cannot wait for each other.
 */
export async function findVSwitchLocked(
  db: Db,
  owner: Owner,
  vswitchId: string,
  lock: 'stay' | 'allocate' | 'delete',
): Promise<(VSwitchRow & { vpc_cidr: string }) | undefined> {
  const query = ofOwner(db, owner).selectAll('s').select('v.cidr as vpc_cidr').where('s.vswitch_id', '=', vswitchId)
  const locked =
    lock === 'stay' ? query.forKeyShare('s') : lock === 'allocate' ? query.forNoKeyUpdate('s') : query.forUpdate('s')
  return await locked.executeTakeFirst()
}

/** The default vswitch of a zone, or the oldest default one of the region. */
export async function findDefaultVSwitch(
  db: Db,
  owner: Owner,
  zoneId: string | undefined,
): Promise<(VSwitchRow & { vpc_cidr: string }) | undefined> {
  let query = ofOwner(db, owner).selectAll('s').select('v.cidr as vpc_cidr').where('s.is_default', '=', true)
  if (zoneId !== undefined) query = query.where('s.zone_id', '=', zoneId)
  return await query.orderBy('s.created_at').orderBy('s.vswitch_id').limit(1).forKeyShare('s').executeTakeFirst()
}

/** Makes one transaction after the other look for default networks, so that each is made once. */
export async function lockDefaults(db: Db, owner: Owner): Promise<void> {
  await lockNamed(db, `vpc.defaults:${owner.accountId}:${owner.regionId}`)
}

export async function listVSwitches(
  db: Db,
  owner: Owner,
  filter: VSwitchFilter,
  page: PageNumber,
): Promise<{ total: number; vswitches: VSwitch[] }> {
  let query = ofOwner(db, owner)
  if (filter.vswitchIds) query = query.where('s.vswitch_id', 'in', filter.vswitchIds)
  if (filter.vpcId !== undefined) query = query.where('s.vpc_id', '=', filter.vpcId)
  if (filter.zoneId !== undefined) query = query.where('s.zone_id', '=', filter.zoneId)
  if (filter.name !== undefined) query = query.where('s.name', '=', filter.name)
  if (filter.isDefault !== undefined) query = query.where('s.is_default', '=', filter.isDefault)
  if (filter.routeTableId !== undefined) query = query.where('s.route_table_id', '=', filter.routeTableId)
  if (filter.resourceGroupId !== undefined) query = query.where('v.resource_group_id', '=', filter.resourceGroupId)
  for (const tag of filter.tags ?? []) {
    query = query.where('s.vswitch_id', 'in', taggedIds(db, tagOwner(owner, 'vpc', 'vswitch'), tag))
  }
  const { total } = await query.select(({ fn }) => fn.countAll<number>().as('total')).executeTakeFirstOrThrow()
  const vswitches = await full(query)
    .orderBy('s.created_at')
    .orderBy('s.vswitch_id')
    .limit(page.pageSize)
    .offset(offsetOf(page))
    .execute()
  return { total, vswitches }
}

/** Vswitches of VPCs, oldest first: what CIDR checks and descriptions of VPCs need. */
export async function listVSwitchesOfVpcs(db: Db, vpcIds: readonly string[]) {
  if (vpcIds.length === 0) return []
  return await tables(db)
    .selectFrom('vpc.vswitches')
    .select(['vswitch_id', 'vpc_id', 'cidr', 'route_table_id', 'zone_id', 'created_at'])
    .where('vpc_id', 'in', vpcIds)
    .orderBy('vpc_id')
    .orderBy('created_at')
    .orderBy('vswitch_id')
    .execute()
}

export async function updateVSwitch(
  db: Db,
  vswitchId: string,
  change: Partial<Pick<VSwitchRow, 'name' | 'description' | 'route_table_id'>>,
): Promise<void> {
  if (Object.keys(change).length === 0) return
  await tables(db).updateTable('vpc.vswitches').set(change).where('vswitch_id', '=', vswitchId).execute()
}

export async function deleteVSwitch(db: Db, vswitchId: string): Promise<void> {
  await tables(db).deleteFrom('vpc.vswitches').where('vswitch_id', '=', vswitchId).execute()
}

function joined(db: Db) {
  return tables(db).selectFrom('vpc.vswitches as s').innerJoin('vpc.vpcs as v', 'v.vpc_id', 's.vpc_id')
}

function ofOwner(db: Db, owner: Owner) {
  return joined(db).where('s.account_id', '=', owner.accountId).where('s.region_id', '=', owner.regionId)
}

function full(query: ReturnType<typeof ofOwner>) {
  return query
    .selectAll('s')
    .select([
      'v.cidr as vpc_cidr',
      'v.resource_group_id',
      sql<boolean>`(select t.is_system from vpc.route_tables t where t.route_table_id = s.route_table_id)`.as(
        'follows_system_table',
      ),
      sql<number>`(select count(*) from vpc.addresses a where a.vswitch_id = s.vswitch_id)`.as('used_ips'),
    ])
}
