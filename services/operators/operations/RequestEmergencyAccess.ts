import * as contract from '@pileus/contract/generated/operators'
import { apiError } from '@pileus/kernel/errors'
import { type AccountId, newResourceId } from '@pileus/kernel/ids'
import { say } from '@pileus/kernel/messages/text'
import { platformOperatorId } from '@pileus/world/operators'
import { checkResidency } from '../check-residency.ts'
import { defaultMinutes, maxMinutes, minMinutes, personIdOf } from '../domain/emergency-access.ts'
import { describeAccess, tellCustomer } from '../emergency.ts'
import { errors } from '../errors.ts'
import { getCallingOperator, getOperatorOf, getPerson, write } from '../operation.ts'
import { insertEmergencyAccess } from '../tables/emergency-accesses.ts'

/**
 * Asks for access to a customer's account in one region, for a stated reason and a short time. The operator of the
 * region asks, or the platform's; another person of the region's own operator has to approve.
 */
export const RequestEmergencyAccess = write(contract.RequestEmergencyAccess, {
  permission: 'operators:RequestEmergencyAccess',
  places: 'nowhere',
  scope: 'global',
  async run(ctx, request) {
    const operator = await getCallingOperator(ctx)
    const person = getPerson(ctx, operator)
    const runner = getOperatorOf(ctx, request.RegionId)
    if (runner.id !== operator.id && operator.id !== platformOperatorId) {
      throw apiError(errors['Forbidden.OtherOperator'], { regionId: request.RegionId, operator: runner.id })
    }
    const reason = request.Reason.trim()
    if (reason.length < 10 || reason.length > 500) {
      throw apiError(errors.InvalidParameter, {
        parameter: 'Reason',
        reason: say`say why in 10 to 500 characters; the customer will read it.`,
      })
    }
    const minutes = request.DurationMinutes ?? defaultMinutes
    if (!Number.isInteger(minutes) || minutes < minMinutes || minutes > maxMinutes) {
      throw apiError(errors.InvalidParameter, {
        parameter: 'DurationMinutes',
        reason: say`it must be an integer from ${minMinutes} to ${maxMinutes}, and is ${minutes}.`,
      })
    }
    const accountId = request.AccountId as AccountId
    if (!(await ctx.ram.hasAccount(ctx.db, accountId))) {
      throw apiError(errors['EntityNotExist.Account'], { accountId })
    }
    await checkResidency(ctx, operator, { accountId, regionId: request.RegionId })
    const access = {
      id: newResourceId('ea'),
      account_id: accountId,
      region_id: request.RegionId,
      reason,
      status: 'Requested' as const,
      duration_minutes: minutes,
      requested_by: person,
      requested_by_id: personIdOf(ctx.principal),
      requested_by_operator: operator.id,
      requested_at: ctx.clock.now(),
      decided_by: null,
      decided_by_operator: null,
      decided_at: null,
      ended_by: null,
      expires_at: null,
    }
    await insertEmergencyAccess(ctx.db, access)
    await tellCustomer(ctx, 'Request', access, { operatorId: operator.id, name: person })
    return { EmergencyAccess: describeAccess(access, ctx.clock.now()) }
  },
})
