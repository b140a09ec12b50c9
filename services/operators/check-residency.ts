import { apiError } from '@pileus/kernel/errors'
import type { AccountId } from '@pileus/kernel/ids'
import type { Operator } from '@pileus/world/operators'
import { errors } from './errors.ts'
import type { OperatorsContext } from './operation.ts'

/** Looking from abroad is a transfer: the gate is asked as for a copy to where the operator's staff sit. @throws Forbidden.Residency */
export async function checkResidency(
  ctx: OperatorsContext,
  operator: Operator,
  target: { accountId: AccountId; regionId: string },
): Promise<void> {
  if (operator.regionIds.includes(target.regionId) && operator.seatRegionId === target.regionId) return
  const decision = await ctx.residency.mayMove({
    accountId: target.accountId,
    principal: ctx.principal,
    action: 'operators:RequestEmergencyAccess',
    fromRegionId: target.regionId,
    regionId: operator.seatRegionId,
    language: ctx.language,
    requestId: ctx.requestId,
  })
  if (decision.kind === 'denied') {
    throw apiError(errors['Forbidden.Residency'], { regionId: operator.seatRegionId, reason: decision.reason })
  }
}
