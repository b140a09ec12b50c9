import type { AccountId } from '@pileus/kernel/ids'
import type { MarkerPage } from '@pileus/kernel/marker-pages'
import type { Db } from '@pileus/kernel/store/store'
import { type Selectable, sql } from 'kysely'
import { type RamTables, ramTables } from './schema.ts'
import { withTags } from './tagged.ts'
import { type RowLock, withLock } from './users.ts'

export type RoleRow = Selectable<RamTables['ram.roles']>

export async function findRole(
  db: Db,
  accountId: AccountId,
  roleName: string,
  lock: RowLock = 'none',
): Promise<RoleRow | undefined> {
  const query = ramTables(db)
    .selectFrom('ram.roles')
    .selectAll()
    .where('account_id', '=', accountId)
    .where('role_name', '=', roleName)
  return await withLock(query, lock).executeTakeFirst()
}

export async function hasRole(db: Db, accountId: AccountId, roleId: string): Promise<boolean> {
  const row = await ramTables(db)
    .selectFrom('ram.roles')
    .select('role_id')
    .where('role_id', '=', roleId)
    .where('account_id', '=', accountId)
    .executeTakeFirst()
  return row !== undefined
}

/** Whether the name was free. */
export async function insertRole(db: Db, role: RoleRow): Promise<boolean> {
  const result = await ramTables(db)
    .insertInto('ram.roles')
    .values(role)
    .onConflict((conflict) => conflict.constraint('roles_name').doNothing())
    .executeTakeFirst()
  return result.numInsertedOrUpdatedRows === 1n
}

export async function updateRole(db: Db, role: RoleRow): Promise<void> {
  const { role_id, account_id: _account, created_at: _created, ...changes } = role
  await ramTables(db).updateTable('ram.roles').set(changes).where('role_id', '=', role_id).execute()
}

export async function deleteRole(db: Db, roleId: string): Promise<void> {
  await ramTables(db).deleteFrom('ram.roles').where('role_id', '=', roleId).execute()
}

export async function countRoles(db: Db, accountId: AccountId): Promise<number> {
  const { count } = await ramTables(db)
    .selectFrom('ram.roles')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('account_id', '=', accountId)
    .executeTakeFirstOrThrow()
  return count
}

/** With all the tags given, oldest first; one more than the page holds when there are more. */
export async function listRoles(
  db: Db,
  accountId: AccountId,
  tags: readonly { key: string; value?: string | undefined }[],
  page: MarkerPage,
): Promise<RoleRow[]> {
  let query = ramTables(db).selectFrom('ram.roles').selectAll().where('account_id', '=', accountId)
  for (const condition of withTags('role', sql.ref('ram.roles.role_id'), tags)) query = query.where(condition)
  const { after } = page
  if (after) query = query.where(sql<boolean>`(created_at, role_id) > (${after.at}, ${after.id})`)
  return await query
    .orderBy('created_at')
    .orderBy('role_id')
    .limit(page.limit + 1)
    .execute()
}

export async function listRolesByName(
  db: Db,
  accountId: AccountId,
  names: readonly string[],
): Promise<{ id: string; name: string }[]> {
  if (names.length === 0) return []
  return await ramTables(db)
    .selectFrom('ram.roles')
    .select(['role_id as id', 'role_name as name'])
    .where('account_id', '=', accountId)
    .where('role_name', 'in', names)
    .execute()
}

export async function listRoleNames(db: Db, ids: readonly string[]): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map()
  const rows = await ramTables(db)
    .selectFrom('ram.roles')
    .select(['role_id', 'role_name'])
    .where('role_id', 'in', ids)
    .execute()
  return new Map(rows.map((row) => [row.role_id, row.role_name]))
}
