import type { Page } from '@pileus/kernel/pagination'
import { type Db, lockNamed } from '@pileus/kernel/store/store'
import { sql } from 'kysely'
import type { Owner } from '../port.ts'
import { getCreationKey, offsetOf } from './paging.ts'
import { type SecurityGroupRow, tables } from './schema.ts'
import { type TagFilter, taggedIds, tagOwner } from './tags.ts'

export type SecurityGroup = SecurityGroupRow

export interface SecurityGroupFilter {
  securityGroupIds?: readonly string[] | undefined
  vpcId?: string | undefined
  /** Exact, or a part of the name when `fuzzy`. */
  name?: string | undefined
  fuzzy?: boolean | undefined
  type?: string | undefined
  resourceGroupId?: string | undefined
  tags?: readonly TagFilter[] | undefined
}

export async function insertSecurityGroup(db: Db, group: SecurityGroupRow): Promise<void> {
  await tables(db).insertInto('vpc.security_groups').values(group).execute()
}

export async function findSecurityGroup(
  db: Db,
  owner: Owner,
  securityGroupId: string,
): Promise<SecurityGroup | undefined> {
  return await ofOwner(db, owner).selectAll().where('security_group_id', '=', securityGroupId).executeTakeFirst()
}

/** Finds and locks: `stay` keeps it from being deleted, `change` also serves one change of it after the other. */
export async function findSecurityGroupLocked(
  db: Db,
  owner: Owner,
  securityGroupId: string,
  lock: 'stay' | 'change' | 'delete',
): Promise<SecurityGroup | undefined> {
  const query = ofOwner(db, owner).selectAll().where('security_group_id', '=', securityGroupId)
  const locked = lock === 'stay' ? query.forKeyShare() : lock === 'change' ? query.forNoKeyUpdate() : query.forUpdate()
  return await locked.executeTakeFirst()
}

/** Those of the groups that the owner has, kept from being deleted until the transaction ends. */
export async function listSecurityGroupsToJoin(
  db: Db,
  owner: Owner,
  securityGroupIds: readonly string[],
): Promise<SecurityGroup[]> {
  if (securityGroupIds.length === 0) return []
  return await ofOwner(db, owner)
    .selectAll()
    .where('security_group_id', 'in', securityGroupIds)
    .orderBy('security_group_id')
    .forKeyShare()
    .execute()
}

/** The group made for callers that name none; callers hold the lock on defaults. */
export async function findImplicitSecurityGroup(
  db: Db,
  owner: Owner,
  vpcId: string,
): Promise<SecurityGroup | undefined> {
  return await ofOwner(db, owner)
    .selectAll()
    .where('vpc_id', '=', vpcId)
    .where('is_implicit', '=', true)
    .orderBy('created_at')
    .limit(1)
    .executeTakeFirst()
}

export async function listSecurityGroups(
  db: Db,
  owner: Owner,
  filter: SecurityGroupFilter,
  page: Page,
): Promise<{ total: number; groups: SecurityGroup[] }> {
  let query = ofOwner(db, owner)
  if (filter.securityGroupIds) query = query.where('security_group_id', 'in', filter.securityGroupIds)
  if (filter.vpcId !== undefined) query = query.where('vpc_id', '=', filter.vpcId)
  const name = filter.name
  if (name !== undefined) {
    query = filter.fuzzy
      ? query.where(sql<boolean>`strpos(name, ${name.replaceAll('*', '')}) > 0`)
      : query.where('name', '=', name)
  }
  if (filter.type !== undefined) query = query.where('type', '=', filter.type as SecurityGroupRow['type'])
  if (filter.resourceGroupId !== undefined) query = query.where('resource_group_id', '=', filter.resourceGroupId)
  for (const tag of filter.tags ?? []) {
    query = query.where('security_group_id', 'in', taggedIds(db, tagOwner(owner, 'ecs', 'securitygroup'), tag))
  }
  const { total } = await query.select(({ fn }) => fn.countAll<number>().as('total')).executeTakeFirstOrThrow()
  let rows = query.selectAll().orderBy('created_at').orderBy('security_group_id')
  if (page.kind === 'number') rows = rows.limit(page.pageSize).offset(offsetOf(page))
  else {
    const after = page.after === undefined ? undefined : getCreationKey(page.after)
    if (after) {
      rows = rows.where(sql<boolean>`(created_at, security_group_id) > (${after.createdAt}, ${after.id})`)
    }
    rows = rows.limit(page.limit)
  }
  return { total, groups: await rows.execute() }
}

/** Counts the account's groups, and lets nobody else add one until the transaction ends. */
export async function countSecurityGroupsForInsert(db: Db, owner: Owner): Promise<number> {
  await lockNamed(db, `vpc.security_groups:${owner.accountId}:${owner.regionId}`)
  const { total } = await ofOwner(db, owner)
    .select(({ fn }) => fn.countAll<number>().as('total'))
    .executeTakeFirstOrThrow()
  return total
}

export async function listSecurityGroupIdsOfVpc(db: Db, vpcId: string): Promise<string[]> {
  const rows = await tables(db)
    .selectFrom('vpc.security_groups')
    .select('security_group_id')
    .where('vpc_id', '=', vpcId)
    .orderBy('security_group_id')
    .execute()
  return rows.map((row) => row.security_group_id)
}

export interface SecurityGroupUse {
  instances: number
  rules: number
  groupRules: number
  addresses: number
}

/** What groups hold; groups that hold nothing are there too. */
export async function countSecurityGroupUse(
  db: Db,
  securityGroupIds: readonly string[],
): Promise<Map<string, SecurityGroupUse>> {
  if (securityGroupIds.length === 0) return new Map()
  const { rows } = await sql<{ id: string } & SecurityGroupUse>`
    select g.id,
      (select count(distinct n.instance_id) from vpc.nic_security_groups m join vpc.nics n using (nic_id)
        where m.security_group_id = g.id) as "instances",
      (select count(*) from vpc.security_group_rules r where r.security_group_id = g.id) as "rules",
      (select count(*) from vpc.security_group_rules r where r.security_group_id = g.id and r.peer_group_id <> '')
        as "groupRules",
      (select count(*) from vpc.nic_security_groups m join vpc.addresses a using (nic_id)
        where m.security_group_id = g.id) as "addresses"
    from unnest(${[...securityGroupIds]}::text[]) as g (id)`.execute(db)
  return new Map(rows.map(({ id, ...use }) => [id, use]))
}

/** How many private addresses each group guards; groups that guard none are absent. */
export async function countGuardedAddresses(db: Db, securityGroupIds: readonly string[]): Promise<Map<string, number>> {
  if (securityGroupIds.length === 0) return new Map()
  const rows = await tables(db)
    .selectFrom('vpc.nic_security_groups as m')
    .innerJoin('vpc.addresses as a', 'a.nic_id', 'm.nic_id')
    .select(({ fn }) => ['m.security_group_id', fn.countAll<number>().as('count')])
    .where('m.security_group_id', 'in', securityGroupIds)
    .groupBy('m.security_group_id')
    .execute()
  return new Map(rows.map((row) => [row.security_group_id, row.count]))
}

/** Cards in a group, by id; at most `limit`. */
export async function listMemberNicIds(db: Db, securityGroupId: string, limit: number): Promise<string[]> {
  const rows = await tables(db)
    .selectFrom('vpc.nic_security_groups')
    .select('nic_id')
    .where('security_group_id', '=', securityGroupId)
    .orderBy('nic_id')
    .limit(limit)
    .execute()
  return rows.map((row) => row.nic_id)
}

/** For each group, the other groups whose rules name it. */
export async function listReferencingGroups(
  db: Db,
  securityGroupIds: readonly string[],
): Promise<{ securityGroupId: string; referencedBy: string; accountId: string }[]> {
  if (securityGroupIds.length === 0) return []
  return await tables(db)
    .selectFrom('vpc.security_group_rules as r')
    .innerJoin('vpc.security_groups as g', 'g.security_group_id', 'r.security_group_id')
    .select(['r.peer_group_id as securityGroupId', 'r.security_group_id as referencedBy', 'g.account_id as accountId'])
    .distinct()
    .where('r.peer_group_id', 'in', securityGroupIds)
    .where('r.peer_group_id', '<>', '')
    .orderBy('r.peer_group_id')
    .orderBy('r.security_group_id')
    .execute()
}

export async function updateSecurityGroup(
  db: Db,
  securityGroupId: string,
  change: Partial<Pick<SecurityGroupRow, 'name' | 'description' | 'inner_access' | 'resource_group_id'>>,
): Promise<void> {
  if (Object.keys(change).length === 0) return
  await tables(db)
    .updateTable('vpc.security_groups')
    .set(change)
    .where('security_group_id', '=', securityGroupId)
    .execute()
}

/** Deletes the group with its rules. */
export async function deleteSecurityGroup(db: Db, securityGroupId: string): Promise<void> {
  await tables(db).deleteFrom('vpc.security_group_rules').where('security_group_id', '=', securityGroupId).execute()
  await tables(db).deleteFrom('vpc.security_groups').where('security_group_id', '=', securityGroupId).execute()
}

function ofOwner(db: Db, owner: Owner) {
  return tables(db)
    .selectFrom('vpc.security_groups')
    .where('account_id', '=', owner.accountId)
    .where('region_id', '=', owner.regionId)
}
