import type { AccountId } from '@pileus/kernel/ids'
import type { MarkerPage } from '@pileus/kernel/marker-pages'
import type { Db } from '@pileus/kernel/store/store'
import { type Selectable, sql } from 'kysely'
import { type RamTables, ramTables } from './schema.ts'
import { type RowLock, withLock } from './users.ts'

export type GroupRow = Selectable<RamTables['ram.groups']>

export async function findGroup(
  db: Db,
  accountId: AccountId,
  groupName: string,
  lock: RowLock = 'none',
): Promise<GroupRow | undefined> {
  const query = ramTables(db)
    .selectFrom('ram.groups')
    .selectAll()
    .where('account_id', '=', accountId)
    .where('group_name', '=', groupName)
  return await withLock(query, lock).executeTakeFirst()
}

/** Whether the name was free. */
export async function insertGroup(db: Db, group: GroupRow): Promise<boolean> {
  const result = await ramTables(db)
    .insertInto('ram.groups')
    .values(group)
    .onConflict((conflict) => conflict.constraint('groups_name').doNothing())
    .executeTakeFirst()
  return result.numInsertedOrUpdatedRows === 1n
}

/** @throws the database's violation of `groups_name` when another group has the new name */
export async function updateGroup(db: Db, group: GroupRow): Promise<void> {
  const { group_id, account_id: _account, created_at: _created, ...changes } = group
  await ramTables(db).updateTable('ram.groups').set(changes).where('group_id', '=', group_id).execute()
}

export async function deleteGroup(db: Db, groupId: string): Promise<void> {
  await ramTables(db).deleteFrom('ram.groups').where('group_id', '=', groupId).execute()
}

export async function countGroups(db: Db, accountId: AccountId): Promise<number> {
  const { count } = await ramTables(db)
    .selectFrom('ram.groups')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('account_id', '=', accountId)
    .executeTakeFirstOrThrow()
  return count
}

/** Oldest first; one more than the page holds when there are more. */
export async function listGroups(db: Db, accountId: AccountId, page: MarkerPage): Promise<GroupRow[]> {
  let query = ramTables(db).selectFrom('ram.groups').selectAll().where('account_id', '=', accountId)
  const { after } = page
  if (after) query = query.where(sql<boolean>`(created_at, group_id) > (${after.at}, ${after.id})`)
  return await query
    .orderBy('created_at')
    .orderBy('group_id')
    .limit(page.limit + 1)
    .execute()
}

/** Whether the user was not yet a member. */
export async function insertMember(db: Db, groupId: string, userId: string, at: Date): Promise<boolean> {
  const result = await ramTables(db)
    .insertInto('ram.group_members')
    .values({ group_id: groupId, user_id: userId, joined_at: at })
    .onConflict((conflict) => conflict.constraint('group_members_once').doNothing())
    .executeTakeFirst()
  return result.numInsertedOrUpdatedRows === 1n
}

/** Whether the user was a member. */
export async function deleteMember(db: Db, groupId: string, userId: string): Promise<boolean> {
  const result = await ramTables(db)
    .deleteFrom('ram.group_members')
    .where('group_id', '=', groupId)
    .where('user_id', '=', userId)
    .executeTakeFirst()
  return result.numDeletedRows === 1n
}

export interface MembershipOfUser {
  group: GroupRow
  joinedAt: Date
}

/** In the order of joining. */
export async function listGroupsOfUser(db: Db, userId: string): Promise<MembershipOfUser[]> {
  const rows = await ramTables(db)
    .selectFrom('ram.group_members as member')
    .innerJoin('ram.groups as team', 'team.group_id', 'member.group_id')
    .selectAll('team')
    .select('member.joined_at')
    .where('member.user_id', '=', userId)
    .orderBy('member.joined_at')
    .orderBy('team.group_id')
    .execute()
  return rows.map(({ joined_at, ...group }) => ({ group, joinedAt: joined_at }))
}

export interface Member {
  userId: string
  userName: string
  displayName: string
  joinedAt: Date
}

/** In the order of joining; one more than the page holds when there are more. */
export async function listMembers(db: Db, groupId: string, page: MarkerPage): Promise<Member[]> {
  let query = ramTables(db)
    .selectFrom('ram.group_members as member')
    .innerJoin('ram.users as person', 'person.user_id', 'member.user_id')
    .select(['person.user_id', 'person.user_name', 'person.display_name', 'member.joined_at'])
    .where('member.group_id', '=', groupId)
  const { after } = page
  if (after) query = query.where(sql<boolean>`(member.joined_at, person.user_id) > (${after.at}, ${after.id})`)
  const rows = await query
    .orderBy('member.joined_at')
    .orderBy('person.user_id')
    .limit(page.limit + 1)
    .execute()
  return rows.map((row) => ({
    userId: row.user_id,
    userName: row.user_name,
    displayName: row.display_name,
    joinedAt: row.joined_at,
  }))
}
