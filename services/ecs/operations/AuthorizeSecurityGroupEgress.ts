import * as contract from '@pileus/contract/generated/ecs'
import { parsePermissions } from '../network-parameters.ts'
import { write } from '../operation.ts'

/** Adds egress rules, given flat or as `Permissions.N`. Rules that are there already stay as they are. */
export const AuthorizeSecurityGroupEgress = write(contract.AuthorizeSecurityGroupEgress, {
  permission: 'ecs:AuthorizeSecurityGroupEgress',
  places: 'nowhere',
  resources: (request) => [`securitygroup/${request.SecurityGroupId}`],
  idempotentBy: (request) => request.ClientToken,
  async run(ctx, request) {
    const permissions = parsePermissions(request, ctx.accountId)
    await ctx.vpc.securityGroups.authorize(ctx.db, ctx, request.SecurityGroupId, 'egress', permissions)
    return {}
  },
})
