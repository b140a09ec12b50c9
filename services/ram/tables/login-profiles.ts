import type { Db } from '@pileus/kernel/store/store'
import type { Selectable } from 'kysely'
import { type RamTables, ramTables } from './schema.ts'

export type LoginProfileRow = Selectable<RamTables['ram.login_profiles']>

export async function findLoginProfile(db: Db, userId: string): Promise<LoginProfileRow | undefined> {
  return await ramTables(db)
    .selectFrom('ram.login_profiles')
    .selectAll()
    .where('user_id', '=', userId)
    .executeTakeFirst()
}

/** Whether the user had none yet. */
export async function insertLoginProfile(db: Db, profile: LoginProfileRow): Promise<boolean> {
  const result = await ramTables(db)
    .insertInto('ram.login_profiles')
    .values(profile)
    .onConflict((conflict) => conflict.column('user_id').doNothing())
    .executeTakeFirst()
  return result.numInsertedOrUpdatedRows === 1n
}

export async function updateLoginProfile(db: Db, profile: LoginProfileRow): Promise<void> {
  const { user_id, created_at: _created, ...changes } = profile
  await ramTables(db).updateTable('ram.login_profiles').set(changes).where('user_id', '=', user_id).execute()
}

/** Whether the user had one. */
export async function deleteLoginProfile(db: Db, userId: string): Promise<boolean> {
  const result = await ramTables(db).deleteFrom('ram.login_profiles').where('user_id', '=', userId).executeTakeFirst()
  return result.numDeletedRows === 1n
}
