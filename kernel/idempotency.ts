import { createHash } from 'node:crypto'
import { apiError, commonErrors } from './errors.ts'
import { type Db, tablesOf } from './store/store.ts'

interface Tables {
  'kernel.client_tokens': {
    account_id: string
    region_id: string
    action: string
    token: string
    request_hash: string
    response: unknown
    created_at: Date
  }
}

export interface TokenUse {
  accountId: string
  regionId: string
  action: string
  token: string
  request: unknown
  at: Date
}

/**
 * Claims a client token in the operation's own transaction. A second call waits on the first one's row: it then
 * gets the first answer, or, when the first rolled back, the claim.
 * @throws IdempotentParameterMismatch when the token was used with other parameters.
 */
export async function claimToken(
  tx: Db,
  use: TokenUse,
): Promise<{ kind: 'first' } | { kind: 'repeat'; response: unknown }> {
  const requestHash = hashRequest(use.request)
  const tables = tablesOf<Tables>(tx)
  const claim = await tables
    .insertInto('kernel.client_tokens')
    .values({
      account_id: use.accountId,
      region_id: use.regionId,
      action: use.action,
      token: use.token,
      request_hash: requestHash,
      response: null,
      created_at: use.at,
    })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst()
  if (claim.numInsertedOrUpdatedRows === 1n) return { kind: 'first' }
  const earlier = await keyOf(tables.selectFrom('kernel.client_tokens'), use)
    .select(['request_hash', 'response'])
    .executeTakeFirstOrThrow()
  if (earlier.request_hash !== requestHash) {
    throw apiError(commonErrors.IdempotentParameterMismatch, { action: use.action })
  }
  return { kind: 'repeat', response: earlier.response }
}

/** Keeps the answer that repeated calls will get. */
export async function keepAnswer(tx: Db, use: TokenUse, response: unknown): Promise<void> {
  await keyOf(tablesOf<Tables>(tx).updateTable('kernel.client_tokens'), use)
    .set({ response: JSON.stringify(response) })
    .execute()
}

function keyOf<Query extends { where(column: never, operator: never, value: never): Query }>(
  query: Query,
  use: TokenUse,
): Query {
  const equal = '=' as never
  return query
    .where('account_id' as never, equal, use.accountId as never)
    .where('region_id' as never, equal, use.regionId as never)
    .where('action' as never, equal, use.action as never)
    .where('token' as never, equal, use.token as never)
}

function hashRequest(request: unknown): string {
  // Requests come from one decoder, so equal parameters give keys in equal order.
  return createHash('sha256').update(JSON.stringify(request)).digest('base64url')
}
