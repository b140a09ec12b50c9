import type { AccountId } from '@pileus/kernel/ids'
import { type Db, tablesOf } from '@pileus/kernel/store/store'
import { type Kysely, type Selectable, sql } from 'kysely'

interface ImsTables {
  'ims.oidc_providers': {
    account_id: string
    name: string
    issuer_url: string
    client_ids: string[]
    fingerprints: string[]
    issuance_limit_hours: number
    description: string
    created_at: Date
    updated_at: Date
  }
  'ims.saml_providers': {
    account_id: string
    name: string
    metadata: string
    description: string
    created_at: Date
    updated_at: Date
  }
}

export type OidcProviderRow = Selectable<ImsTables['ims.oidc_providers']>
export type SamlProviderRow = Selectable<ImsTables['ims.saml_providers']>

export interface ProviderPage {
  after: { at: Date; id: string } | undefined
  limit: number
}

function tables(db: Db): Kysely<ImsTables> {
  return tablesOf<ImsTables>(db)
}

export async function findOidcProvider(
  db: Db,
  accountId: AccountId,
  name: string,
  lock = false,
): Promise<OidcProviderRow | undefined> {
  const query = tables(db)
    .selectFrom('ims.oidc_providers')
    .selectAll()
    .where('account_id', '=', accountId)
    .where('name', '=', name)
  return await (lock ? query.forUpdate() : query).executeTakeFirst()
}

/** Whether the name was free. */
export async function insertOidcProvider(db: Db, row: OidcProviderRow): Promise<boolean> {
  const result = await tables(db)
    .insertInto('ims.oidc_providers')
    .values(row)
    .onConflict((conflict) => conflict.constraint('oidc_providers_name').doNothing())
    .executeTakeFirst()
  return result.numInsertedOrUpdatedRows === 1n
}

export async function updateOidcProvider(db: Db, row: OidcProviderRow): Promise<void> {
  const { account_id, name, created_at: _created, ...changes } = row
  await tables(db)
    .updateTable('ims.oidc_providers')
    .set(changes)
    .where('account_id', '=', account_id)
    .where('name', '=', name)
    .execute()
}

/** Whether there was one. */
export async function deleteProvider(
  db: Db,
  kind: 'ims.oidc_providers' | 'ims.saml_providers',
  accountId: AccountId,
  name: string,
): Promise<boolean> {
  const result = await tables(db)
    .deleteFrom(kind)
    .where('account_id', '=', accountId)
    .where('name', '=', name)
    .executeTakeFirst()
  return result.numDeletedRows === 1n
}

/** How many of both kinds an account has; each kind has a quota. */
export async function countProviders(
  db: Db,
  kind: 'ims.oidc_providers' | 'ims.saml_providers',
  accountId: AccountId,
): Promise<number> {
  const { count } = await tables(db)
    .selectFrom(kind)
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('account_id', '=', accountId)
    .executeTakeFirstOrThrow()
  return count
}

/** Oldest first; one more than the page holds when there are more. */
export async function listOidcProviders(db: Db, accountId: AccountId, page: ProviderPage): Promise<OidcProviderRow[]> {
  let query = tables(db).selectFrom('ims.oidc_providers').selectAll().where('account_id', '=', accountId)
  if (page.after) query = query.where(sql<boolean>`(created_at, name) > (${page.after.at}, ${page.after.id})`)
  return await query
    .orderBy('created_at')
    .orderBy('name')
    .limit(page.limit + 1)
    .execute()
}

/** Oldest first; one more than the page holds when there are more. */
export async function listSamlProviders(db: Db, accountId: AccountId, page: ProviderPage): Promise<SamlProviderRow[]> {
  let query = tables(db).selectFrom('ims.saml_providers').selectAll().where('account_id', '=', accountId)
  if (page.after) query = query.where(sql<boolean>`(created_at, name) > (${page.after.at}, ${page.after.id})`)
  return await query
    .orderBy('created_at')
    .orderBy('name')
    .limit(page.limit + 1)
    .execute()
}

export async function findSamlProvider(
  db: Db,
  accountId: AccountId,
  name: string,
  lock = false,
): Promise<SamlProviderRow | undefined> {
  const query = tables(db)
    .selectFrom('ims.saml_providers')
    .selectAll()
    .where('account_id', '=', accountId)
    .where('name', '=', name)
  return await (lock ? query.forUpdate() : query).executeTakeFirst()
}

/** Whether the name was free. */
export async function insertSamlProvider(db: Db, row: SamlProviderRow): Promise<boolean> {
  const result = await tables(db)
    .insertInto('ims.saml_providers')
    .values(row)
    .onConflict((conflict) => conflict.constraint('saml_providers_name').doNothing())
    .executeTakeFirst()
  return result.numInsertedOrUpdatedRows === 1n
}

export async function updateSamlProvider(db: Db, row: SamlProviderRow): Promise<void> {
  const { account_id, name, created_at: _created, ...changes } = row
  await tables(db)
    .updateTable('ims.saml_providers')
    .set(changes)
    .where('account_id', '=', account_id)
    .where('name', '=', name)
    .execute()
}
