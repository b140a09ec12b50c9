/** What the gate decided. */
import type { Db } from '@pileus/kernel/store/store'
import type { Outcome } from '@pileus/world/laws'
import { type Insertable, type Selectable, sql } from 'kysely'
import { type Evidence, type ResidencyTables, residencyTables } from './schema.ts'

export type DecisionRow = Selectable<ResidencyTables['residency.decisions']>
export type NewDecision = Omit<Insertable<ResidencyTables['residency.decisions']>, 'evidence'> & { evidence: Evidence }

/** Adds to the row of an equal decision of that day, when there is one. */
export async function countDecision(db: Db, decision: NewDecision): Promise<void> {
  await residencyTables(db)
    .insertInto('residency.decisions')
    .values({ ...decision, evidence: JSON.stringify(decision.evidence) })
    .onConflict((conflict) =>
      conflict.column('fingerprint').doUpdateSet({
        times: sql`residency.decisions.times + excluded.times`,
        last_at: sql`greatest(residency.decisions.last_at, excluded.last_at)`,
        last_request_id: (given) => given.ref('excluded.last_request_id'),
      }),
    )
    .execute()
}

/** Newest first; one more than `limit` when there are more. */
export async function listDecisions(
  db: Db,
  accountId: string,
  page: { decision?: Outcome | undefined; after?: string | undefined; limit: number },
): Promise<DecisionRow[]> {
  let query = residencyTables(db).selectFrom('residency.decisions').selectAll().where('account_id', '=', accountId)
  if (page.decision !== undefined) query = query.where('decision', '=', page.decision)
  if (page.after !== undefined) query = query.where('decision_id', '<', Number(page.after))
  return await query
    .orderBy('decision_id', 'desc')
    .limit(page.limit + 1)
    .execute()
}

/** How often each outcome was reached. */
export async function countOutcomes(db: Db, accountId: string): Promise<Record<Outcome, number>> {
  const rows = await residencyTables(db)
    .selectFrom('residency.decisions')
    .select(['decision', ({ fn }) => fn.sum<string>('times').as('times')])
    .where('account_id', '=', accountId)
    .groupBy('decision')
    .execute()
  const counts: Record<Outcome, number> = { allow: 0, conditional: 0, deny: 0 }
  for (const row of rows) counts[row.decision] = Number(row.times)
  return counts
}
