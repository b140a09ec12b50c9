import type { AccountId } from '@pileus/kernel/ids'
import type { Db } from '@pileus/kernel/store/store'
import type { Selectable } from 'kysely'
import { type IdentityStatus, type OperatorsTables, operatorsTables } from './schema.ts'

export type CustomerRow = Selectable<OperatorsTables['operators.customers']>

export async function insertCustomer(db: Db, customer: CustomerRow): Promise<void> {
  await operatorsTables(db).insertInto('operators.customers').values(customer).execute()
}

/** Undefined for accounts that no operator brought in, such as the installation's own. */
export async function findCustomer(db: Db, accountId: AccountId): Promise<CustomerRow | undefined> {
  return await operatorsTables(db)
    .selectFrom('operators.customers')
    .selectAll()
    .where('account_id', '=', accountId)
    .executeTakeFirst()
}

/** By account id; one more than `limit` when there are more. */
export async function listCustomers(
  db: Db,
  operatorId: string,
  page: { after: string | undefined; limit: number },
): Promise<CustomerRow[]> {
  let query = operatorsTables(db).selectFrom('operators.customers').selectAll().where('operator_id', '=', operatorId)
  if (page.after !== undefined) query = query.where('account_id', '>', page.after)
  return await query
    .orderBy('account_id')
    .limit(page.limit + 1)
    .execute()
}

/** False when the operator has no such customer. */
export async function setIdentity(
  db: Db,
  operatorId: string,
  accountId: string,
  identity: { status: IdentityStatus; reference: string | undefined },
): Promise<boolean> {
  const result = await operatorsTables(db)
    .updateTable('operators.customers')
    .set({
      identity_status: identity.status,
      ...(identity.reference === undefined ? {} : { identity_reference: identity.reference }),
    })
    .where('operator_id', '=', operatorId)
    .where('account_id', '=', accountId)
    .executeTakeFirst()
  return result.numUpdatedRows === 1n
}
