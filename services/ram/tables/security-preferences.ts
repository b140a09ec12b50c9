import type { AccountId } from '@pileus/kernel/ids'
import type { Db } from '@pileus/kernel/store/store'
import { ramTables } from './schema.ts'

/** What the account has set, by the names of the API. */
export async function findPreferences(db: Db, accountId: AccountId): Promise<Record<string, unknown>> {
  const row = await ramTables(db)
    .selectFrom('ram.security_preferences')
    .select('preferences')
    .where('account_id', '=', accountId)
    .executeTakeFirst()
  return row?.preferences ?? {}
}

export async function savePreferences(
  db: Db,
  accountId: AccountId,
  preferences: Record<string, unknown>,
): Promise<void> {
  await ramTables(db)
    .insertInto('ram.security_preferences')
    .values({ account_id: accountId, preferences })
    .onConflict((conflict) => conflict.column('account_id').doUpdateSet({ preferences }))
    .execute()
}
