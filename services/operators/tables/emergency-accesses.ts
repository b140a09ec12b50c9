import type { Db } from '@pileus/kernel/store/store'
import type { Selectable } from 'kysely'
import { type OperatorsTables, operatorsTables } from './schema.ts'

export type EmergencyAccessRow = Selectable<OperatorsTables['operators.emergency_accesses']>

/** Who asks: a customer sees what concerns its account, an operator what concerns its regions and what it asked for. */
export type AccessView = { accountId: string } | { operatorId: string; regionIds: readonly string[] }

export async function insertEmergencyAccess(db: Db, access: EmergencyAccessRow): Promise<void> {
  await operatorsTables(db).insertInto('operators.emergency_accesses').values(access).execute()
}

/** Locks the row for the transaction. */
export async function lockEmergencyAccess(
  db: Db,
  view: AccessView,
  id: string,
): Promise<EmergencyAccessRow | undefined> {
  return await visible(db, view).where('id', '=', id).forUpdate().executeTakeFirst()
}

export async function findEmergencyAccess(db: Db, id: string): Promise<EmergencyAccessRow | undefined> {
  return await operatorsTables(db)
    .selectFrom('operators.emergency_accesses')
    .selectAll()
    .where('id', '=', id)
    .executeTakeFirst()
}

export async function updateEmergencyAccess(
  db: Db,
  id: string,
  changes: Partial<
    Pick<EmergencyAccessRow, 'status' | 'decided_by' | 'decided_by_operator' | 'decided_at' | 'expires_at' | 'ended_by'>
  >,
): Promise<EmergencyAccessRow> {
  return await operatorsTables(db)
    .updateTable('operators.emergency_accesses')
    .set(changes)
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirstOrThrow()
}

/** By id; one more than `limit` when there are more. */
export async function listEmergencyAccesses(
  db: Db,
  view: AccessView,
  page: { after: string | undefined; limit: number },
): Promise<EmergencyAccessRow[]> {
  let query = visible(db, view)
  if (page.after !== undefined) query = query.where('id', '>', page.after)
  return await query
    .orderBy('id')
    .limit(page.limit + 1)
    .execute()
}

function visible(db: Db, view: AccessView) {
  const query = operatorsTables(db).selectFrom('operators.emergency_accesses').selectAll()
  if ('accountId' in view) return query.where('account_id', '=', view.accountId)
  return query.where((where) =>
    where.or([where('region_id', 'in', [...view.regionIds]), where('requested_by_operator', '=', view.operatorId)]),
  )
}
