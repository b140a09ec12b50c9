import * as contract from '@pileus/contract/generated/ecs'
import { write } from '../operation.ts'

/** Says whether members of the group reach each other without a rule. */
export const ModifySecurityGroupPolicy = write(contract.ModifySecurityGroupPolicy, {
  permission: 'ecs:ModifySecurityGroupPolicy',
  places: 'nowhere',
  resources: (request) => [`securitygroup/${request.SecurityGroupId}`],
  idempotentBy: (request) => request.ClientToken,
  async run(ctx, request) {
    await ctx.vpc.securityGroups.modify(ctx.db, ctx, request.SecurityGroupId, {
      innerAccess: request.InnerAccessPolicy,
    })
    return {}
  },
})
