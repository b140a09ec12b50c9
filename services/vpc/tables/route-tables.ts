import type { Db } from '@pileus/kernel/store/store'
import type { Owner } from '../port.ts'
import { offsetOf, type PageNumber } from './paging.ts'
import { type RouteEntryRow, type RouteTableRow, tables } from './schema.ts'
import { type TagFilter, taggedIds, tagOwner } from './tags.ts'

export interface RouteTable extends RouteTableRow {
  vrouter_id: string
  resource_group_id: string
  /** Those of its VPC that follow it, oldest first. */
  vswitch_ids: string[]
}

export type RouteEntry = RouteEntryRow

export interface RouteTableFilter {
  routeTableId?: string | undefined
  vpcId?: string | undefined
  vrouterId?: string | undefined
  name?: string | undefined
  isSystem?: boolean | undefined
  resourceGroupId?: string | undefined
  tags?: readonly TagFilter[] | undefined
}

export async function insertRouteTable(db: Db, table: RouteTableRow): Promise<void> {
  await tables(db).insertInto('vpc.route_tables').values(table).execute()
}

export async function findRouteTable(db: Db, owner: Owner, routeTableId: string): Promise<RouteTable | undefined> {
  const found = await listRouteTables(db, owner, { routeTableId }, { pageNumber: 1, pageSize: 1 })
  return found.routeTables[0]
}

/** Finds and locks against changes of its entries and its place; call it before looking at either. */
export async function findRouteTableLocked(
  db: Db,
  owner: Owner,
  routeTableId: string,
): Promise<RouteTableRow | undefined> {
  return await tables(db)
    .selectFrom('vpc.route_tables')
    .selectAll()
    .where('account_id', '=', owner.accountId)
    .where('region_id', '=', owner.regionId)
    .where('route_table_id', '=', routeTableId)
    .forUpdate()
    .executeTakeFirst()
}

export async function getSystemRouteTableId(db: Db, vpcId: string): Promise<string> {
  const row = await tables(db)
    .selectFrom('vpc.route_tables')
    .select('route_table_id')
    .where('vpc_id', '=', vpcId)
    .where('is_system', '=', true)
    .executeTakeFirstOrThrow()
  return row.route_table_id
}

export async function listRouteTables(
  db: Db,
  owner: Owner,
  filter: RouteTableFilter,
  page: PageNumber,
): Promise<{ total: number; routeTables: RouteTable[] }> {
  let query = tables(db)
    .selectFrom('vpc.route_tables as t')
    .innerJoin('vpc.vpcs as v', 'v.vpc_id', 't.vpc_id')
    .where('t.account_id', '=', owner.accountId)
    .where('t.region_id', '=', owner.regionId)
  if (filter.routeTableId !== undefined) query = query.where('t.route_table_id', '=', filter.routeTableId)
  if (filter.vpcId !== undefined) query = query.where('t.vpc_id', '=', filter.vpcId)
  if (filter.vrouterId !== undefined) query = query.where('v.vrouter_id', '=', filter.vrouterId)
  if (filter.name !== undefined) query = query.where('t.name', '=', filter.name)
  if (filter.isSystem !== undefined) query = query.where('t.is_system', '=', filter.isSystem)
  if (filter.resourceGroupId !== undefined) query = query.where('v.resource_group_id', '=', filter.resourceGroupId)
  for (const tag of filter.tags ?? []) {
    query = query.where('t.route_table_id', 'in', taggedIds(db, tagOwner(owner, 'vpc', 'routetable'), tag))
  }
  const { total } = await query.select(({ fn }) => fn.countAll<number>().as('total')).executeTakeFirstOrThrow()
  const rows = await query
    .selectAll('t')
    .select(['v.vrouter_id', 'v.resource_group_id'])
    .orderBy('t.created_at')
    .orderBy('t.route_table_id')
    .limit(page.pageSize)
    .offset(offsetOf(page))
    .execute()
  const followers = await listFollowers(
    db,
    rows.map((row) => row.route_table_id),
  )
  return {
    total,
    routeTables: rows.map((row) => ({ ...row, vswitch_ids: followers.get(row.route_table_id) ?? [] })),
  }
}

/** Ids of the tables of each VPC, oldest first. */
export async function listRouteTableIds(db: Db, vpcIds: readonly string[]) {
  if (vpcIds.length === 0) return []
  return await tables(db)
    .selectFrom('vpc.route_tables')
    .select(['vpc_id', 'route_table_id', 'is_system'])
    .where('vpc_id', 'in', vpcIds)
    .orderBy('created_at')
    .orderBy('route_table_id')
    .execute()
}

export async function countCustomRouteTables(db: Db, vpcId: string): Promise<number> {
  const { total } = await tables(db)
    .selectFrom('vpc.route_tables')
    .select(({ fn }) => fn.countAll<number>().as('total'))
    .where('vpc_id', '=', vpcId)
    .where('is_system', '=', false)
    .executeTakeFirstOrThrow()
  return total
}

export async function updateRouteTable(
  db: Db,
  routeTableId: string,
  change: Partial<Pick<RouteTableRow, 'name' | 'description' | 'propagates'>>,
): Promise<void> {
  if (Object.keys(change).length === 0) return
  await tables(db).updateTable('vpc.route_tables').set(change).where('route_table_id', '=', routeTableId).execute()
}

/** Deletes the tables with their entries. */
export async function deleteRouteTables(db: Db, routeTableIds: readonly string[]): Promise<void> {
  if (routeTableIds.length === 0) return
  await tables(db).deleteFrom('vpc.route_entries').where('route_table_id', 'in', routeTableIds).execute()
  await tables(db).deleteFrom('vpc.route_tables').where('route_table_id', 'in', routeTableIds).execute()
}

export async function insertRouteEntry(db: Db, entry: RouteEntryRow): Promise<void> {
  await tables(db).insertInto('vpc.route_entries').values(entry).execute()
}

/** Custom entries of the tables, in the order of their destinations' making. */
export async function listRouteEntries(db: Db, routeTableIds: readonly string[]): Promise<RouteEntry[]> {
  if (routeTableIds.length === 0) return []
  return await tables(db)
    .selectFrom('vpc.route_entries')
    .selectAll()
    .where('route_table_id', 'in', routeTableIds)
    .orderBy('created_at')
    .orderBy('route_entry_id')
    .execute()
}

export async function findRouteEntry(db: Db, owner: Owner, routeEntryId: string): Promise<RouteEntry | undefined> {
  return await tables(db)
    .selectFrom('vpc.route_entries')
    .selectAll()
    .where('account_id', '=', owner.accountId)
    .where('region_id', '=', owner.regionId)
    .where('route_entry_id', '=', routeEntryId)
    .executeTakeFirst()
}

/** Entries whose next hop is one of these instances or cards. */
export async function listRouteEntriesTo(db: Db, nextHopIds: readonly string[]): Promise<RouteEntry[]> {
  if (nextHopIds.length === 0) return []
  return await tables(db)
    .selectFrom('vpc.route_entries')
    .selectAll()
    .where('next_hop_id', 'in', nextHopIds)
    .orderBy('route_entry_id')
    .execute()
}

export async function updateRouteEntry(
  db: Db,
  routeEntryId: string,
  change: Partial<Pick<RouteEntryRow, 'name' | 'description' | 'next_hop_type' | 'next_hop_id'>>,
): Promise<void> {
  if (Object.keys(change).length === 0) return
  await tables(db).updateTable('vpc.route_entries').set(change).where('route_entry_id', '=', routeEntryId).execute()
}

export async function deleteRouteEntry(db: Db, routeEntryId: string): Promise<void> {
  await tables(db).deleteFrom('vpc.route_entries').where('route_entry_id', '=', routeEntryId).execute()
}

async function listFollowers(db: Db, routeTableIds: readonly string[]): Promise<Map<string, string[]>> {
  const followers = new Map<string, string[]>()
  if (routeTableIds.length === 0) return followers
  const rows = await tables(db)
    .selectFrom('vpc.vswitches')
    .select(['route_table_id', 'vswitch_id'])
    .where('route_table_id', 'in', routeTableIds)
    .orderBy('created_at')
    .orderBy('vswitch_id')
    .execute()
  for (const row of rows) {
    const ids = followers.get(row.route_table_id)
    if (ids) ids.push(row.vswitch_id)
    else followers.set(row.route_table_id, [row.vswitch_id])
  }
  return followers
}
