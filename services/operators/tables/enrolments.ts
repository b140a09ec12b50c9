import type { AccountId } from '@pileus/kernel/ids'
import type { Db } from '@pileus/kernel/store/store'
import { operatorsTables } from './schema.ts'

export async function findEnrolledOperatorId(db: Db, accountId: AccountId): Promise<string | undefined> {
  const row = await operatorsTables(db)
    .selectFrom('operators.enrolments')
    .select('operator_id')
    .where('account_id', '=', accountId)
    .executeTakeFirst()
  return row?.operator_id
}

/** False when the operator is enrolled already. */
export async function insertEnrolment(
  db: Db,
  enrolment: { operatorId: string; accountId: AccountId; at: Date },
): Promise<boolean> {
  const result = await operatorsTables(db)
    .insertInto('operators.enrolments')
    .values({ operator_id: enrolment.operatorId, account_id: enrolment.accountId, enrolled_at: enrolment.at })
    .onConflict((conflict) => conflict.column('operator_id').doNothing())
    .executeTakeFirst()
  return result.numInsertedOrUpdatedRows === 1n
}

export async function listEnrolments(
  db: Db,
): Promise<{ operator_id: string; account_id: string; enrolled_at: Date }[]> {
  return await operatorsTables(db).selectFrom('operators.enrolments').selectAll().orderBy('operator_id').execute()
}
