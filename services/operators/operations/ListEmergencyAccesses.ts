import * as contract from '@pileus/contract/generated/operators'
import { pageOf, tokenAfter } from '../answers.ts'
import { describeAccess, viewOf } from '../emergency.ts'
import { read } from '../operation.ts'
import { listEmergencyAccesses } from '../tables/emergency-accesses.ts'

/** To a customer, who had or asked for access to its account; to an operator, what concerns its regions. */
export const ListEmergencyAccesses = read(contract.ListEmergencyAccesses, {
  permission: 'operators:ListEmergencyAccesses',
  places: 'nowhere',
  scope: 'global',
  async run(ctx, request) {
    const page = pageOf(request)
    const found = await listEmergencyAccesses(ctx.db, await viewOf(ctx), page)
    const accesses = found
      .slice(0, page.limit)
      .map((row) => describeAccess(row, ctx.clock.now()))
      .filter(({ Status }) => request.Status === undefined || Status === request.Status)
    return {
      EmergencyAccesses: { EmergencyAccess: accesses },
      ...tokenAfter(found, page.limit, (row) => row.id),
    }
  },
})
