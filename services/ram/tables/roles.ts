import type { AccountId } from '@pileus/kernel/ids'
import type { Db } from '@pileus/kernel/store/store'
import type { Selectable } from 'kysely'
import { type RamTables, ramTables } from './schema.ts'

export type RoleRow = Selectable<RamTables['ram.roles']>

export async function findRole(db: Db, accountId: AccountId, roleName: string): Promise<RoleRow | undefined> {
  return await ramTables(db)
    .selectFrom('ram.roles')
    .selectAll()
    .where('account_id', '=', accountId)
    .where('role_name', '=', roleName)
    .executeTakeFirst()
}
