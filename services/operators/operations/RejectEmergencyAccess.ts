import * as contract from '@pileus/contract/generated/operators'
import { checkRunsRegion, describeAccess, getAccess, tellCustomer, viewOf } from '../emergency.ts'
import { getCallingOperator, getPerson, write } from '../operation.ts'
import { updateEmergencyAccess } from '../tables/emergency-accesses.ts'

/** The region's own operator says no. */
export const RejectEmergencyAccess = write(contract.RejectEmergencyAccess, {
  permission: 'operators:RejectEmergencyAccess',
  places: 'nowhere',
  scope: 'global',
  async run(ctx, request) {
    const operator = await getCallingOperator(ctx)
    const person = getPerson(ctx, operator)
    const access = await getAccess(ctx, await viewOf(ctx), request.EmergencyAccessId, 'Requested')
    checkRunsRegion(operator.id, access.region_id)
    const now = ctx.clock.now()
    const rejected = await updateEmergencyAccess(ctx.db, access.id, {
      status: 'Rejected',
      decided_by: person,
      decided_by_operator: operator.id,
      decided_at: now,
    })
    await tellCustomer(ctx, 'Reject', rejected, { operatorId: operator.id, name: person })
    return { EmergencyAccess: describeAccess(rejected, now) }
  },
})
