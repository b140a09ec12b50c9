import type { AccountId } from '@pileus/kernel/ids'
import type { Db } from '@pileus/kernel/store/store'
import { ramTables } from './schema.ts'

export async function findFirstAccount(db: Db): Promise<AccountId | undefined> {
  const row = await ramTables(db)
    .selectFrom('ram.accounts')
    .select('account_id')
    .where('is_first', '=', true)
    .executeTakeFirst()
  return row?.account_id as AccountId | undefined
}

export async function insertAccount(
  db: Db,
  account: { accountId: AccountId; isFirst: boolean; at: Date },
): Promise<void> {
  await ramTables(db)
    .insertInto('ram.accounts')
    .values({ account_id: account.accountId, alias: null, is_first: account.isFirst, created_at: account.at })
    .execute()
}

/** Locks the account's row, so that what is counted per account cannot change meanwhile. */
export async function lockAccount(tx: Db, accountId: AccountId): Promise<void> {
  await ramTables(tx)
    .selectFrom('ram.accounts')
    .select('account_id')
    .where('account_id', '=', accountId)
    .forNoKeyUpdate()
    .execute()
}

export async function findAccountAlias(db: Db, accountId: AccountId): Promise<string | undefined> {
  const row = await ramTables(db)
    .selectFrom('ram.accounts')
    .select('alias')
    .where('account_id', '=', accountId)
    .executeTakeFirst()
  return row?.alias ?? undefined
}

/** @throws the database's violation of `accounts_alias_key` when another account has the alias */
export async function setAccountAlias(db: Db, accountId: AccountId, alias: string | undefined): Promise<void> {
  await ramTables(db)
    .updateTable('ram.accounts')
    .set({ alias: alias ?? null })
    .where('account_id', '=', accountId)
    .execute()
}

export async function hasAccount(db: Db, accountId: AccountId): Promise<boolean> {
  const row = await ramTables(db)
    .selectFrom('ram.accounts')
    .select('account_id')
    .where('account_id', '=', accountId)
    .executeTakeFirst()
  return row !== undefined
}
