import * as contract from '@pileus/contract/generated/operators'
import { describeAccess, getAccess, tellCustomer, viewOf } from '../emergency.ts'
import { findCallingOperator, getPerson, write } from '../operation.ts'
import { updateEmergencyAccess } from '../tables/emergency-accesses.ts'

/** Ends an approved access at once. The customer whom it concerns may, and every operator who sees it. */
export const RevokeEmergencyAccess = write(contract.RevokeEmergencyAccess, {
  permission: 'operators:RevokeEmergencyAccess',
  places: 'nowhere',
  scope: 'global',
  async run(ctx, request) {
    const operator = await findCallingOperator(ctx)
    const access = await getAccess(ctx, await viewOf(ctx), request.EmergencyAccessId, 'Approved')
    const person = operator ? getPerson(ctx, operator) : `customer ${ctx.accountId}`
    const revoked = await updateEmergencyAccess(ctx.db, access.id, { status: 'Revoked', ended_by: person })
    await tellCustomer(ctx, 'Revoke', revoked, operator ? { operatorId: operator.id, name: person } : 'customer')
    return { EmergencyAccess: describeAccess(revoked, ctx.clock.now()) }
  },
})
