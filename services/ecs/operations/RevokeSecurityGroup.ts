import * as contract from '@pileus/contract/generated/ecs'
import { parseRevocation } from '../network-parameters.ts'
import { write } from '../operation.ts'

/** Removes ingress rules, by their ids or by what they say. Rules that are not there do no harm. */
export const RevokeSecurityGroup = write(contract.RevokeSecurityGroup, {
  permission: 'ecs:RevokeSecurityGroup',
  places: 'nowhere',
  resources: (request) => [`securitygroup/${request.SecurityGroupId}`],
  idempotentBy: (request) => request.ClientToken,
  async run(ctx, request) {
    const rules = parseRevocation(request, ctx.accountId)
    await ctx.vpc.securityGroups.revoke(ctx.db, ctx, request.SecurityGroupId, 'ingress', rules)
    return {}
  },
})
