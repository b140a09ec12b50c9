/** What an account says of its data. */
import type { ResidencyFacts } from '@pileus/kernel/residency/question'
import type { Db } from '@pileus/kernel/store/store'
import { type Selectable, sql } from 'kysely'
import { type ResidencyTables, residencyTables } from './schema.ts'

export type DeclarationRow = Selectable<ResidencyTables['residency.declarations']>

export interface AccountSettings {
  facts: ResidencyFacts
  /** Undefined: everywhere. */
  allowedPlaces: readonly string[] | undefined
}

/** A class that is declared again takes the new origin. */
export async function putDeclarations(db: Db, rows: readonly DeclarationRow[]): Promise<void> {
  await residencyTables(db)
    .insertInto('residency.declarations')
    .values([...rows])
    .onConflict((conflict) =>
      conflict
        .columns(['account_id', 'resource_arn', 'data_class'])
        .doUpdateSet({ origin: (given) => given.ref('excluded.origin') }),
    )
    .execute()
}

export async function deleteDeclarations(
  db: Db,
  accountId: string,
  where: { resourceArn: string; dataClasses: readonly string[] },
): Promise<void> {
  await residencyTables(db)
    .deleteFrom('residency.declarations')
    .where('account_id', '=', accountId)
    .where('resource_arn', '=', where.resourceArn)
    .where('data_class', 'in', where.dataClasses)
    .execute()
}

/** By resource and class; one more than `limit` when there are more. `after` is `<arn> <class>`. */
export async function listDeclarations(
  db: Db,
  accountId: string,
  page: { resourceArn?: string | undefined; after?: string | undefined; limit: number },
): Promise<DeclarationRow[]> {
  let query = residencyTables(db).selectFrom('residency.declarations').selectAll().where('account_id', '=', accountId)
  if (page.resourceArn !== undefined) query = query.where('resource_arn', '=', page.resourceArn)
  if (page.after !== undefined) {
    const space = page.after.lastIndexOf(' ')
    const [arn, dataClass] = [page.after.slice(0, space), page.after.slice(space + 1)]
    query = query.where((where) =>
      where(where.refTuple('resource_arn', 'data_class'), '>', where.tuple(arn, dataClass)),
    )
  }
  return await query
    .orderBy('resource_arn')
    .orderBy('data_class')
    .limit(page.limit + 1)
    .execute()
}

export async function countDeclarations(db: Db, accountId: string): Promise<number> {
  const { count } = await residencyTables(db)
    .selectFrom('residency.declarations')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('account_id', '=', accountId)
    .executeTakeFirstOrThrow()
  return count
}

export async function getSettings(db: Db, accountId: string): Promise<AccountSettings> {
  const row = await residencyTables(db)
    .selectFrom('residency.accounts')
    .select(['facts', 'allowed_places'])
    .where('account_id', '=', accountId)
    .executeTakeFirst()
  return { facts: row?.facts ?? {}, allowedPlaces: row?.allowed_places ?? undefined }
}

/** Changes what is given. */
export async function putSettings(
  db: Db,
  accountId: string,
  at: Date,
  change: { facts?: ResidencyFacts; allowedPlaces?: readonly string[] | null },
): Promise<void> {
  const places = change.allowedPlaces ? JSON.stringify(change.allowedPlaces) : null
  await sql`
    insert into residency.accounts (account_id, facts, allowed_places, updated_at)
    values (${accountId}, ${JSON.stringify(change.facts ?? {})}::jsonb, ${places}::jsonb, ${at})
    on conflict (account_id) do update set
      facts = case when ${change.facts !== undefined} then excluded.facts else residency.accounts.facts end,
      allowed_places = case when ${change.allowedPlaces !== undefined} then excluded.allowed_places
                       else residency.accounts.allowed_places end,
      updated_at = excluded.updated_at
  `.execute(db)
}
