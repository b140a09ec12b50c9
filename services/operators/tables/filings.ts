import type { Db } from '@pileus/kernel/store/store'
import type { Selectable } from 'kysely'
import { type OperatorsTables, operatorsTables } from './schema.ts'

export type FilingRow = Selectable<OperatorsTables['operators.filings']>

/** False when the domain has a filing in that jurisdiction. */
export async function insertFiling(db: Db, filing: FilingRow): Promise<boolean> {
  const result = await operatorsTables(db)
    .insertInto('operators.filings')
    .values(filing)
    .onConflict((conflict) => conflict.columns(['domain', 'jurisdiction']).doNothing())
    .executeTakeFirst()
  return result.numInsertedOrUpdatedRows === 1n
}

/** False when the operator registered none. */
export async function deleteFiling(
  db: Db,
  operatorId: string,
  where: { domain: string; jurisdiction: string },
): Promise<boolean> {
  const result = await operatorsTables(db)
    .deleteFrom('operators.filings')
    .where('operator_id', '=', operatorId)
    .where('domain', '=', where.domain)
    .where('jurisdiction', '=', where.jurisdiction)
    .executeTakeFirst()
  return result.numDeletedRows === 1n
}

/** Of one operator, by domain and jurisdiction; `after` is `<domain> <jurisdiction>`. */
export async function listFilings(
  db: Db,
  operatorId: string,
  page: { after: string | undefined; limit: number },
): Promise<FilingRow[]> {
  let query = operatorsTables(db).selectFrom('operators.filings').selectAll().where('operator_id', '=', operatorId)
  if (page.after !== undefined) {
    const [domain = '', jurisdiction = ''] = page.after.split(' ')
    query = query.where((where) =>
      where(where.refTuple('domain', 'jurisdiction'), '>', where.tuple(domain, jurisdiction)),
    )
  }
  return await query
    .orderBy('domain')
    .orderBy('jurisdiction')
    .limit(page.limit + 1)
    .execute()
}

/** Whether the account may serve the domain, or a domain that it is part of, in the jurisdiction. */
export async function hasFiling(
  db: Db,
  wanted: { accountId: string; domain: string; jurisdiction: string },
): Promise<boolean> {
  const labels = wanted.domain.toLowerCase().split('.')
  const domains = labels.map((_, index) => labels.slice(index).join('.'))
  const row = await operatorsTables(db)
    .selectFrom('operators.filings')
    .select('domain')
    .where('account_id', '=', wanted.accountId)
    .where('jurisdiction', '=', wanted.jurisdiction)
    .where('domain', 'in', domains)
    .executeTakeFirst()
  return row !== undefined
}
