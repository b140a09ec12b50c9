import type { AccountId } from '@pileus/kernel/ids'
import type { MarkerPage } from '@pileus/kernel/marker-pages'
import type { Db } from '@pileus/kernel/store/store'
import { type Selectable, sql } from 'kysely'
import { type RamTables, ramTables } from './schema.ts'
import { withTags } from './tagged.ts'
import { type RowLock, withLock } from './users.ts'

export type PolicyRow = Selectable<RamTables['ram.policies']>
export type PolicyVersionRow = Selectable<RamTables['ram.policy_versions']>

export async function findPolicy(
  db: Db,
  accountId: AccountId,
  policyName: string,
  lock: RowLock = 'none',
): Promise<PolicyRow | undefined> {
  const query = ramTables(db)
    .selectFrom('ram.policies')
    .selectAll()
    .where('account_id', '=', accountId)
    .where('policy_name', '=', policyName)
  return await withLock(query, lock).executeTakeFirst()
}

/** Whether the name was free. */
export async function insertPolicy(db: Db, policy: PolicyRow, document: string): Promise<boolean> {
  const result = await ramTables(db)
    .insertInto('ram.policies')
    .values(policy)
    .onConflict((conflict) => conflict.constraint('policies_name').doNothing())
    .executeTakeFirst()
  if (result.numInsertedOrUpdatedRows !== 1n) return false
  await insertVersion(db, {
    policy_id: policy.policy_id,
    version: policy.default_version,
    document,
    created_at: policy.created_at,
  })
  return true
}

export async function updatePolicy(
  db: Db,
  policyId: string,
  changes: Partial<Pick<PolicyRow, 'description' | 'default_version' | 'last_version'>> & { updated_at: Date },
): Promise<void> {
  await ramTables(db).updateTable('ram.policies').set(changes).where('policy_id', '=', policyId).execute()
}

/** With all its versions. */
export async function deletePolicy(db: Db, policyId: string): Promise<void> {
  await ramTables(db).deleteFrom('ram.policies').where('policy_id', '=', policyId).execute()
}

export async function countPolicies(db: Db, accountId: AccountId): Promise<number> {
  const { count } = await ramTables(db)
    .selectFrom('ram.policies')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('account_id', '=', accountId)
    .executeTakeFirstOrThrow()
  return count
}

/** With all the tags given, oldest first; one more than the page holds when there are more. */
export async function listPolicies(
  db: Db,
  accountId: AccountId,
  tags: readonly { key: string; value?: string | undefined }[],
  page: MarkerPage,
): Promise<PolicyRow[]> {
  let query = ramTables(db).selectFrom('ram.policies').selectAll().where('account_id', '=', accountId)
  for (const condition of withTags('policy', sql.ref('ram.policies.policy_id'), tags)) query = query.where(condition)
  const { after } = page
  if (after) query = query.where(sql<boolean>`(created_at, policy_id) > (${after.at}, ${after.id})`)
  return await query
    .orderBy('created_at')
    .orderBy('policy_id')
    .limit(page.limit + 1)
    .execute()
}

export async function listPoliciesByName(
  db: Db,
  accountId: AccountId,
  names: readonly string[],
): Promise<{ id: string; name: string; row: PolicyRow }[]> {
  if (names.length === 0) return []
  const rows = await ramTables(db)
    .selectFrom('ram.policies')
    .selectAll()
    .where('account_id', '=', accountId)
    .where('policy_name', 'in', names)
    .execute()
  return rows.map((row) => ({ id: row.policy_id, name: row.policy_name, row }))
}

export async function listPolicyNames(db: Db, ids: readonly string[]): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map()
  const rows = await ramTables(db)
    .selectFrom('ram.policies')
    .select(['policy_id', 'policy_name'])
    .where('policy_id', 'in', ids)
    .execute()
  return new Map(rows.map((row) => [row.policy_id, row.policy_name]))
}

export async function insertVersion(db: Db, version: PolicyVersionRow): Promise<void> {
  await ramTables(db).insertInto('ram.policy_versions').values(version).execute()
}

export async function findVersion(db: Db, policyId: string, version: number): Promise<PolicyVersionRow | undefined> {
  return await ramTables(db)
    .selectFrom('ram.policy_versions')
    .selectAll()
    .where('policy_id', '=', policyId)
    .where('version', '=', version)
    .executeTakeFirst()
}

/** Oldest first. */
export async function listVersions(db: Db, policyId: string): Promise<PolicyVersionRow[]> {
  return await ramTables(db)
    .selectFrom('ram.policy_versions')
    .selectAll()
    .where('policy_id', '=', policyId)
    .orderBy('version')
    .execute()
}

export async function deleteVersion(db: Db, policyId: string, version: number): Promise<void> {
  await ramTables(db)
    .deleteFrom('ram.policy_versions')
    .where('policy_id', '=', policyId)
    .where('version', '=', version)
    .execute()
}
