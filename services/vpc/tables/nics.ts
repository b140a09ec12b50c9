import type { AccountId } from '@pileus/kernel/ids'
import type { Page } from '@pileus/kernel/pagination'
import { type Db, lockNamed } from '@pileus/kernel/store/store'
import { sql } from 'kysely'
import { findIpv4 } from '../domain/cidr.ts'
import type { Nic, Owner } from '../port.ts'
import { getCreationKey, offsetOf } from './paging.ts'
import { type NicRow, tables } from './schema.ts'
import { type TagFilter, taggedIds, tagOwner } from './tags.ts'

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
  status?: 'Available' | 'InUse' | undefined
  type?: 'Primary' | 'Secondary' | undefined
  resourceGroupId?: string | undefined
  tags?: readonly TagFilter[] | undefined
}

/** Makes cards; addresses and groups are added apart. */
export async function insertNics(db: Db, rows: readonly NicRow[]): Promise<void> {
  if (rows.length === 0) return
  await tables(db)
    .insertInto('vpc.nics')
    .values([...rows])
    .execute()
}

export async function findNic(db: Db, owner: Owner, nicId: string): Promise<Nic | undefined> {
  const row = await ofOwner(db, owner).selectAll('n').where('n.nic_id', '=', nicId).executeTakeFirst()
  return row && (await complete(db, [row]))[0]
}

/** Finds and locks against every other change of the card. */
export async function findNicLocked(db: Db, owner: Owner, nicId: string): Promise<Nic | undefined> {
  const row = await ofOwner(db, owner).selectAll('n').where('n.nic_id', '=', nicId).forUpdate().executeTakeFirst()
  return row && (await complete(db, [row]))[0]
}

export async function listNics(
  db: Db,
  owner: Owner,
  filter: NicFilter,
  page: Page,
): Promise<{ total: number; nics: Nic[] }> {
  const query = filtered(db, owner, filter)
  const { total } = await query.select(({ fn }) => fn.countAll<number>().as('total')).executeTakeFirstOrThrow()
  let rows = query.selectAll('n').orderBy('n.created_at').orderBy('n.nic_id')
  if (page.kind === 'number') rows = rows.limit(page.pageSize).offset(offsetOf(page))
  else {
    const after = page.after === undefined ? undefined : getCreationKey(page.after)
    if (after) rows = rows.where(sql<boolean>`(n.created_at, n.nic_id) > (${after.createdAt}, ${after.id})`)
    rows = rows.limit(page.limit)
  }
  return { total, nics: await complete(db, await rows.execute()) }
}

/** Instances that have a card which matches the filter. */
export async function listInstanceIds(db: Db, owner: Owner, filter: NicFilter): Promise<string[]> {
  const rows = await filtered(db, owner, filter)
    .select('n.instance_id')
    .distinct()
    .where('n.instance_id', 'is not', null)
    .orderBy('n.instance_id')
    .execute()
  return rows.flatMap((row) => row.instance_id ?? [])
}

/** Cards of instances, whoever owns them: primary first, then in the order of attachment. */
export async function listNicsOfInstances(db: Db, instanceIds: readonly string[]): Promise<Nic[]> {
  if (instanceIds.length === 0) return []
  const rows = await tables(db)
    .selectFrom('vpc.nics')
    .selectAll()
    .where('instance_id', 'in', instanceIds)
    .orderBy('instance_id')
    .orderBy('type')
    .orderBy('attached_at')
    .orderBy('nic_id')
    .execute()
  return await complete(db, rows)
}

export async function findPrimaryNicLocked(db: Db, owner: Owner, instanceId: string): Promise<Nic | undefined> {
  const row = await ofOwner(db, owner)
    .selectAll('n')
    .where('n.instance_id', '=', instanceId)
    .where('n.type', '=', 'Primary')
    .forUpdate()
    .executeTakeFirst()
  return row && (await complete(db, [row]))[0]
}

/** Counts the account's cards, and lets nobody else add secondary ones until the transaction ends. */
export async function countNicsForInsert(db: Db, owner: Owner): Promise<number> {
  await lockNamed(db, `vpc.nics:${owner.accountId}:${owner.regionId}`)
  const { total } = await ofOwner(db, owner)
    .select(({ fn }) => fn.countAll<number>().as('total'))
    .executeTakeFirstOrThrow()
  return total
}

export async function updateNic(
  db: Db,
  nicId: string,
  change: Partial<
    Pick<
      NicRow,
      | 'name'
      | 'description'
      | 'delete_on_release'
      | 'source_dest_check'
      | 'instance_id'
      | 'attached_at'
      | 'hostname'
      | 'resource_group_id'
    >
  >,
): Promise<void> {
  if (Object.keys(change).length === 0) return
  await tables(db).updateTable('vpc.nics').set(change).where('nic_id', '=', nicId).execute()
}

/** Deletes cards with their addresses and memberships. */
export async function deleteNics(db: Db, nicIds: readonly string[]): Promise<void> {
  if (nicIds.length === 0) return
  await tables(db).deleteFrom('vpc.nics').where('nic_id', 'in', nicIds).execute()
}

/** Adds cards to groups; each becomes a member of all of them. */
export async function insertMemberships(
  db: Db,
  nicIds: readonly string[],
  securityGroupIds: readonly string[],
): Promise<void> {
  const rows = nicIds.flatMap((nic_id) => securityGroupIds.map((security_group_id) => ({ nic_id, security_group_id })))
  if (rows.length > 0) await tables(db).insertInto('vpc.nic_security_groups').values(rows).execute()
}

export async function deleteMemberships(db: Db, nicId: string, securityGroupIds: readonly string[]): Promise<void> {
  if (securityGroupIds.length === 0) return
  await tables(db)
    .deleteFrom('vpc.nic_security_groups')
    .where('nic_id', '=', nicId)
    .where('security_group_id', 'in', securityGroupIds)
    .execute()
}

function ofOwner(db: Db, owner: Owner) {
  return tables(db)
    .selectFrom('vpc.nics as n')
    .where('n.account_id', '=', owner.accountId)
    .where('n.region_id', '=', owner.regionId)
}

function filtered(db: Db, owner: Owner, filter: NicFilter) {
  let query = ofOwner(db, owner)
  if (filter.nicIds) query = query.where('n.nic_id', 'in', filter.nicIds)
  if (filter.instanceId !== undefined) query = query.where('n.instance_id', '=', filter.instanceId)
  if (filter.vpcId !== undefined) query = query.where('n.vpc_id', '=', filter.vpcId)
  if (filter.vswitchId !== undefined) query = query.where('n.vswitch_id', '=', filter.vswitchId)
  if (filter.name !== undefined) query = query.where('n.name', '=', filter.name)
  if (filter.type !== undefined) query = query.where('n.type', '=', filter.type)
  if (filter.resourceGroupId !== undefined) query = query.where('n.resource_group_id', '=', filter.resourceGroupId)
  if (filter.status !== undefined) {
    query = query.where('n.instance_id', filter.status === 'InUse' ? 'is not' : 'is', null)
  }
  const { securityGroupId } = filter
  const primaryIp = filter.primaryIp === undefined ? undefined : askable(filter.primaryIp)
  const privateIps = filter.privateIps?.map(askable)
  if (securityGroupId !== undefined) {
    query = query.where('n.nic_id', 'in', (sub) =>
      sub.selectFrom('vpc.nic_security_groups').select('nic_id').where('security_group_id', '=', securityGroupId),
    )
  }
  if (primaryIp !== undefined) {
    query = query.where('n.nic_id', 'in', (sub) =>
      sub.selectFrom('vpc.addresses').select('nic_id').where('is_primary', '=', true).where('ip', '=', primaryIp),
    )
  }
  if (privateIps && privateIps.length > 0) {
    query = query.where('n.nic_id', 'in', (sub) =>
      sub.selectFrom('vpc.addresses').select('nic_id').where('ip', 'in', privateIps),
    )
  }
  for (const tag of filter.tags ?? []) {
    query = query.where('n.nic_id', 'in', taggedIds(db, tagOwner(owner, 'ecs', 'eni'), tag))
  }
  return query
}

/** What is no address is nobody's; the database would refuse to compare it, and no card has 0.0.0.0. */
function askable(ip: string): string {
  return findIpv4(ip) === undefined ? '0.0.0.0' : ip
}

async function complete(db: Db, rows: readonly NicRow[]): Promise<Nic[]> {
  if (rows.length === 0) return []
  const ids = rows.map((row) => row.nic_id)
  const addresses = await tables(db)
    .selectFrom('vpc.addresses')
    .select(['nic_id', 'ip', 'is_primary'])
    .where('nic_id', 'in', ids)
    .orderBy('ip')
    .execute()
  const memberships = await tables(db)
    .selectFrom('vpc.nic_security_groups')
    .selectAll()
    .where('nic_id', 'in', ids)
    .orderBy('security_group_id')
    .execute()
  const nics = new Map(rows.map((row) => [row.nic_id, nicOf(row)]))
  for (const address of addresses) {
    const nic = nics.get(address.nic_id)
    if (address.is_primary && nic) nic.primaryIp = address.ip
    else nic?.secondaryIps.push(address.ip)
  }
  for (const membership of memberships) nics.get(membership.nic_id)?.securityGroupIds.push(membership.security_group_id)
  return [...nics.values()]
}

function nicOf(row: NicRow): Nic {
  return {
    nicId: row.nic_id,
    accountId: row.account_id as AccountId,
    regionId: row.region_id,
    zoneId: row.zone_id,
    vpcId: row.vpc_id,
    vswitchId: row.vswitch_id,
    mac: row.mac,
    primaryIp: '',
    secondaryIps: [],
    securityGroupIds: [],
    type: row.type,
    status: row.instance_id === null ? 'Available' : 'InUse',
    instanceId: row.instance_id ?? undefined,
    name: row.name,
    description: row.description,
    createdAt: row.created_at,
    deleteOnRelease: row.delete_on_release,
    hostname: row.hostname,
    sourceDestCheck: row.source_dest_check,
    resourceGroupId: row.resource_group_id,
  }
}
