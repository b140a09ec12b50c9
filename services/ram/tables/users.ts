import type { AccountId } from '@pileus/kernel/ids'
import type { MarkerPage } from '@pileus/kernel/marker-pages'
import type { Db } from '@pileus/kernel/store/store'
import { type Selectable, type SelectQueryBuilder, sql } from 'kysely'
import { type RamTables, ramTables } from './schema.ts'

export type UserRow = Selectable<RamTables['ram.users']>

/** `share` keeps the user from being deleted until the transaction ends, `update` from being changed at all. */
export type RowLock = 'none' | 'share' | 'update'

export async function findUser(
  db: Db,
  accountId: AccountId,
  userName: string,
  lock: RowLock = 'none',
): Promise<UserRow | undefined> {
  const query = ramTables(db)
    .selectFrom('ram.users')
    .selectAll()
    .where('account_id', '=', accountId)
    .where('user_name', '=', userName)
  return await withLock(query, lock).executeTakeFirst()
}

export function withLock<DB, TB extends keyof DB, Row>(
  query: SelectQueryBuilder<DB, TB, Row>,
  lock: RowLock,
): SelectQueryBuilder<DB, TB, Row> {
  return lock === 'update' ? query.forUpdate() : lock === 'share' ? query.forKeyShare() : query
}

/** Whether the name was free. */
export async function insertUser(db: Db, user: UserRow): Promise<boolean> {
  const result = await ramTables(db)
    .insertInto('ram.users')
    .values(user)
    .onConflict((conflict) => conflict.constraint('users_name').doNothing())
    .executeTakeFirst()
  return result.numInsertedOrUpdatedRows === 1n
}

/** @throws the database's violation of `users_name` when another user has the new name */
export async function updateUser(db: Db, user: UserRow): Promise<void> {
  const { user_id, account_id: _account, created_at: _created, ...changes } = user
  await ramTables(db).updateTable('ram.users').set(changes).where('user_id', '=', user_id).execute()
}

export async function deleteUser(db: Db, userId: string): Promise<void> {
  await ramTables(db).deleteFrom('ram.users').where('user_id', '=', userId).execute()
}

export async function countUsers(db: Db, accountId: AccountId): Promise<number> {
  const { count } = await ramTables(db)
    .selectFrom('ram.users')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('account_id', '=', accountId)
    .executeTakeFirstOrThrow()
  return count
}

/** Oldest first; one more than the page holds when there are more. */
export async function listUsers(db: Db, accountId: AccountId, page: MarkerPage): Promise<UserRow[]> {
  let query = ramTables(db).selectFrom('ram.users').selectAll().where('account_id', '=', accountId)
  const { after } = page
  if (after) query = query.where(sql<boolean>`(created_at, user_id) > (${after.at}, ${after.id})`)
  return await query
    .orderBy('created_at')
    .orderBy('user_id')
    .limit(page.limit + 1)
    .execute()
}

/** The name of a user of the account, by id or by an access key. */
export async function findUserName(
  db: Db,
  accountId: AccountId,
  by: { userId: string } | { accessKeyId: string },
): Promise<string | undefined> {
  let query = ramTables(db).selectFrom('ram.users as user').select('user.user_name').where('account_id', '=', accountId)
  if ('userId' in by) query = query.where('user.user_id', '=', by.userId)
  else {
    const owners = ramTables(db)
      .selectFrom('ram.access_keys')
      .select('user_id')
      .where('access_key_id', '=', by.accessKeyId)
    query = query.where('user.user_id', 'in', owners)
  }
  return (await query.executeTakeFirst())?.user_name
}
