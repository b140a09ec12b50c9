/** The batch actions of power: each instance answers for itself, unless all must go together. */
import { ApiError } from '@pileus/kernel/errors'
import { sql } from 'kysely'
import { parseIdList } from './domain/id-lists.ts'
import { oneOf } from './domain/plan-instances.ts'
import type { EcsContext } from './operation.ts'
import { lockInstances } from './tables/instances.ts'
import type { InstanceRow } from './tables/schema.ts'

export interface InstanceResponse {
  InstanceId: string
  PreviousStatus: string
  CurrentStatus: string
  Code: string
  Message: string
}

/**
 * With `AllTogether` (the default) one refusal refuses all; with `SuccessFirst` the others go on, and the answer says
 * which were refused and why.
 */
export async function changeEach(
  ctx: EcsContext,
  request: { InstanceId: string[]; BatchOptimization?: string | undefined },
  change: (ctx: EcsContext, row: InstanceRow) => Promise<InstanceRow>,
): Promise<{ InstanceResponses: { InstanceResponse: InstanceResponse[] } }> {
  const mode = oneOf('BatchOptimization', request.BatchOptimization || 'AllTogether', ['AllTogether', 'SuccessFirst'])
  const rows = await lockInstances(ctx.db, ctx, parseIdList('InstanceId', request.InstanceId, 100))
  const answers: InstanceResponse[] = []
  for (const row of rows) {
    await sql`savepoint change_each`.execute(ctx.db)
    try {
      const changed = await change(ctx, row)
      answers.push(answerOf(row, changed.status, '200', 'success'))
    } catch (error) {
      if (mode === 'AllTogether' || !(error instanceof ApiError)) throw error
      await sql`rollback to savepoint change_each`.execute(ctx.db)
      answers.push(answerOf(row, row.status, error.code, error.message))
    }
  }
  return { InstanceResponses: { InstanceResponse: answers } }
}

function answerOf(row: InstanceRow, currentStatus: string, code: string, message: string): InstanceResponse {
  return {
    InstanceId: row.id,
    PreviousStatus: row.status,
    CurrentStatus: currentStatus,
    Code: code,
    Message: message,
  }
}
