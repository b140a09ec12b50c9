import { type Db, lockNamed } from '@pileus/kernel/store/store'
import type { Owner } from '../port.ts'
import { offsetOf, type PageNumber } from './paging.ts'
import { tables, type VpcRow } from './schema.ts'
import { type TagFilter, taggedIds, tagOwner } from './tags.ts'

export type Vpc = VpcRow

export interface VpcFilter {
  vpcIds?: readonly string[] | undefined
  name?: string | undefined
  isDefault?: boolean | undefined
  resourceGroupId?: string | undefined
  vrouterId?: string | undefined
  tags?: readonly TagFilter[] | undefined
}

export async function insertVpc(db: Db, vpc: VpcRow): Promise<void> {
  await tables(db).insertInto('vpc.vpcs').values(vpc).execute()
}

export async function findVpc(db: Db, owner: Owner, vpcId: string): Promise<Vpc | undefined> {
  return await ofOwner(db, owner).selectAll().where('vpc_id', '=', vpcId).executeTakeFirst()
}

/**
 * Finds and locks: `stay` keeps it from being deleted, `shape` also keeps others from changing its blocks, vswitches
 * and tables, `delete` keeps everything away.
 */
export async function findVpcLocked(
  db: Db,
  owner: Owner,
  vpcId: string,
  lock: 'stay' | 'shape' | 'delete',
): Promise<Vpc | undefined> {
  const query = ofOwner(db, owner).selectAll().where('vpc_id', '=', vpcId)
  const locked = lock === 'stay' ? query.forKeyShare() : lock === 'shape' ? query.forNoKeyUpdate() : query.forUpdate()
  return await locked.executeTakeFirst()
}

export async function findDefaultVpc(db: Db, owner: Owner): Promise<Vpc | undefined> {
  return await ofOwner(db, owner).selectAll().where('is_default', '=', true).executeTakeFirst()
}

export async function listVpcs(
  db: Db,
  owner: Owner,
  filter: VpcFilter,
  page: PageNumber,
): Promise<{ total: number; vpcs: Vpc[] }> {
  let query = ofOwner(db, owner)
  if (filter.vpcIds) query = query.where('vpc_id', 'in', filter.vpcIds)
  if (filter.name !== undefined) query = query.where('name', '=', filter.name)
  if (filter.isDefault !== undefined) query = query.where('is_default', '=', filter.isDefault)
  if (filter.resourceGroupId !== undefined) query = query.where('resource_group_id', '=', filter.resourceGroupId)
  if (filter.vrouterId !== undefined) query = query.where('vrouter_id', '=', filter.vrouterId)
  for (const tag of filter.tags ?? []) {
    query = query.where('vpc_id', 'in', taggedIds(db, tagOwner(owner, 'vpc', 'vpc'), tag))
  }
  const { total } = await query.select(({ fn }) => fn.countAll<number>().as('total')).executeTakeFirstOrThrow()
  const vpcs = await query
    .selectAll()
    .orderBy('created_at')
    .orderBy('vpc_id')
    .limit(page.pageSize)
    .offset(offsetOf(page))
    .execute()
  return { total, vpcs }
}

/** Counts the account's VPCs, and lets nobody else add one until the transaction ends. */
export async function countVpcsForInsert(db: Db, owner: Owner): Promise<number> {
  await lockNamed(db, `vpc.vpcs:${owner.accountId}:${owner.regionId}`)
  const { total } = await ofOwner(db, owner)
    .select(({ fn }) => fn.countAll<number>().as('total'))
    .executeTakeFirstOrThrow()
  return total
}

export async function updateVpc(
  db: Db,
  vpcId: string,
  change: Partial<
    Pick<VpcRow, 'name' | 'description' | 'cidr' | 'secondary_cidrs' | 'dns_hostnames' | 'resource_group_id'>
  >,
): Promise<void> {
  if (Object.keys(change).length === 0) return
  await tables(db).updateTable('vpc.vpcs').set(change).where('vpc_id', '=', vpcId).execute()
}

export async function deleteVpc(db: Db, vpcId: string): Promise<void> {
  await tables(db).deleteFrom('vpc.vpcs').where('vpc_id', '=', vpcId).execute()
}

/** All blocks of a VPC, the first one first. */
export function blocksOf(vpc: Pick<Vpc, 'cidr' | 'secondary_cidrs'>): string[] {
  return [vpc.cidr, ...vpc.secondary_cidrs]
}

function ofOwner(db: Db, owner: Owner) {
  return tables(db)
    .selectFrom('vpc.vpcs')
    .where('account_id', '=', owner.accountId)
    .where('region_id', '=', owner.regionId)
}
