import * as contract from '@pileus/contract/generated/operators'
import { apiError } from '@pileus/kernel/errors'
import { isRequester, personIdOf } from '../domain/emergency-access.ts'
import { checkRunsRegion, describeAccess, getAccess, tellCustomer, viewOf } from '../emergency.ts'
import { errors } from '../errors.ts'
import { getCallingOperator, getPerson, write } from '../operation.ts'
import { updateEmergencyAccess } from '../tables/emergency-accesses.ts'

/** The second person says yes: an administrator of the region's own operator, other than who asked. */
export const ApproveEmergencyAccess = write(contract.ApproveEmergencyAccess, {
  permission: 'operators:ApproveEmergencyAccess',
  places: 'nowhere',
  scope: 'global',
  async run(ctx, request) {
    const operator = await getCallingOperator(ctx)
    const person = getPerson(ctx, operator)
    const access = await getAccess(ctx, await viewOf(ctx), request.EmergencyAccessId, 'Requested')
    checkRunsRegion(operator.id, access.region_id)
    const isSame = isRequester(access, { name: person, id: personIdOf(ctx.principal) })
    if (isSame || access.requested_by === person)
      throw apiError(errors['Forbidden.SamePerson'], { operator: operator.id })
    const now = ctx.clock.now()
    const approved = await updateEmergencyAccess(ctx.db, access.id, {
      status: 'Approved',
      decided_by: person,
      decided_by_operator: operator.id,
      decided_at: now,
      expires_at: new Date(now.getTime() + access.duration_minutes * 60_000),
    })
    await tellCustomer(ctx, 'Approve', approved, { operatorId: operator.id, name: person })
    return { EmergencyAccess: describeAccess(approved, now) }
  },
})
