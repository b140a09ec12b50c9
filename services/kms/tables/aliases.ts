import type { Db } from '@pileus/kernel/store/store'
import type { Owner } from './keys.ts'
import { kmsTables } from './schema.ts'

/** The key an alias names. */
export async function findAlias(db: Db, owner: Owner, aliasName: string): Promise<string | undefined> {
  const row = await kmsTables(db)
    .selectFrom('kms.aliases')
    .select('key_id')
    .where('account_id', '=', owner.accountId)
    .where('region_id', '=', owner.regionId)
    .where('alias_name', '=', aliasName)
    .executeTakeFirst()
  return row?.key_id
}

/** Whether the name was free. */
export async function insertAlias(db: Db, owner: Owner, aliasName: string, keyId: string): Promise<boolean> {
  const result = await kmsTables(db)
    .insertInto('kms.aliases')
    .values({ account_id: owner.accountId, region_id: owner.regionId, alias_name: aliasName, key_id: keyId })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst()
  return result.numInsertedOrUpdatedRows === 1n
}

/** Whether the alias exists. */
export async function moveAlias(db: Db, owner: Owner, aliasName: string, keyId: string): Promise<boolean> {
  const result = await kmsTables(db)
    .updateTable('kms.aliases')
    .set({ key_id: keyId })
    .where('account_id', '=', owner.accountId)
    .where('region_id', '=', owner.regionId)
    .where('alias_name', '=', aliasName)
    .executeTakeFirst()
  return result.numUpdatedRows === 1n
}

/** Whether the alias existed. */
export async function deleteAlias(db: Db, owner: Owner, aliasName: string): Promise<boolean> {
  const result = await kmsTables(db)
    .deleteFrom('kms.aliases')
    .where('account_id', '=', owner.accountId)
    .where('region_id', '=', owner.regionId)
    .where('alias_name', '=', aliasName)
    .executeTakeFirst()
  return result.numDeletedRows === 1n
}

/** One page in order of name, of one key when given, and how many there are in all. */
export async function listAliases(
  db: Db,
  owner: Owner,
  keyId: string | undefined,
  page: { pageNumber: number; pageSize: number },
): Promise<{ aliases: { aliasName: string; keyId: string }[]; total: number }> {
  let query = kmsTables(db)
    .selectFrom('kms.aliases')
    .where('account_id', '=', owner.accountId)
    .where('region_id', '=', owner.regionId)
  if (keyId !== undefined) query = query.where('key_id', '=', keyId)
  const rows = await query
    .select(['alias_name', 'key_id'])
    .orderBy('alias_name')
    .limit(page.pageSize)
    .offset((page.pageNumber - 1) * page.pageSize)
    .execute()
  const { total } = await query.select(({ fn }) => fn.countAll<number>().as('total')).executeTakeFirstOrThrow()
  return { aliases: rows.map((row) => ({ aliasName: row.alias_name, keyId: row.key_id })), total }
}
