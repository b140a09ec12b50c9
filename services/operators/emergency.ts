/** What the operations of emergency access share. */
import { isoSeconds } from '@pileus/kernel/clock'
import { apiError } from '@pileus/kernel/errors'
import type { AccountId } from '@pileus/kernel/ids'
import { operatorOf } from '@pileus/world/operators'
import { type AccessStatus, statusAt } from './domain/emergency-access.ts'
import { errors } from './errors.ts'
import { findCallingOperator, type OperatorsContext } from './operation.ts'
import { type AccessView, type EmergencyAccessRow, lockEmergencyAccess } from './tables/emergency-accesses.ts'

/** What the caller may see: as an operator, or as the customer it concerns. */
export async function viewOf(ctx: OperatorsContext): Promise<AccessView> {
  const operator = await findCallingOperator(ctx)
  return operator ? { operatorId: operator.id, regionIds: operator.regionIds } : { accountId: ctx.accountId }
}

/** @throws EntityNotExist.EmergencyAccess, IncorrectStatus.EmergencyAccess */
export async function getAccess(
  ctx: OperatorsContext,
  view: AccessView,
  id: string,
  wanted: AccessStatus,
): Promise<EmergencyAccessRow> {
  const access = await lockEmergencyAccess(ctx.db, view, id)
  if (!access) throw apiError(errors['EntityNotExist.EmergencyAccess'], { id })
  const status = statusAt(access, ctx.clock.now())
  if (status !== wanted) throw apiError(errors['IncorrectStatus.EmergencyAccess'], { id, status, wanted })
  return access
}

/** Only those who run the region decide about access to it. @throws Forbidden.OtherOperator */
export function checkRunsRegion(operatorId: string, regionId: string): void {
  const runner = operatorOf({ id: regionId })
  if (runner.id !== operatorId) {
    throw apiError(errors['Forbidden.OtherOperator'], { regionId, operator: runner.id })
  }
}

export function describeAccess(access: EmergencyAccessRow, now: Date) {
  return {
    EmergencyAccessId: access.id,
    AccountId: access.account_id,
    RegionId: access.region_id,
    Reason: access.reason,
    Status: statusAt(access, now),
    RequestedBy: access.requested_by,
    RequestedByOperator: access.requested_by_operator,
    RequestTime: isoSeconds(access.requested_at),
    DecidedBy: access.decided_by ?? '',
    DecidedByOperator: access.decided_by_operator ?? '',
    DecisionTime: access.decided_at ? isoSeconds(access.decided_at) : '',
    EndedBy: access.ended_by ?? '',
    DurationMinutes: access.duration_minutes,
    ExpireTime: access.expires_at ? isoSeconds(access.expires_at) : '',
  }
}

/** Tells the customer's own trail, in the transaction that makes it so. */
export async function tellCustomer(
  ctx: OperatorsContext,
  event: 'Request' | 'Approve' | 'Reject' | 'Revoke' | 'Open',
  access: EmergencyAccessRow,
  actor: { operatorId: string; name: string } | 'customer',
): Promise<void> {
  await ctx.audit.recordEvent(
    {
      actor: actor === 'customer' ? { kind: 'customer', principal: ctx.principal } : { kind: 'operator', ...actor },
      action: `operators:${event}EmergencyAccess`,
      kind: 'write',
      regionId: access.region_id,
      accountId: access.account_id as AccountId,
      outcome: { kind: 'success' },
      resources: [`acs:operators:${access.region_id}:${access.account_id}:emergencyaccess/${access.id}`],
      requestId: ctx.requestId,
      details: {
        reason: access.reason,
        status: statusAt(access, ctx.clock.now()),
        requestedBy: access.requested_by,
        decidedBy: access.decided_by ?? '',
        durationMinutes: access.duration_minutes,
      },
    },
    ctx.db,
  )
}
