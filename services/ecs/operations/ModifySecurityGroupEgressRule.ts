import * as contract from '@pileus/contract/generated/ecs'
import { flatPermission } from '../network-parameters.ts'
import { write } from '../operation.ts'

/** Changes the egress rule with that id, or, without one, the description of the rule that the parameters name. */
export const ModifySecurityGroupEgressRule = write(contract.ModifySecurityGroupEgressRule, {
  permission: 'ecs:ModifySecurityGroupEgressRule',
  places: 'nowhere',
  resources: (request) => [`securitygroup/${request.SecurityGroupId}`],
  idempotentBy: (request) => request.ClientToken,
  async run(ctx, request) {
    const ruleId = request.SecurityGroupRuleId === '' ? undefined : request.SecurityGroupRuleId
    const change = flatPermission(request, ctx.accountId)
    await ctx.vpc.securityGroups.modifyRule(ctx.db, ctx, request.SecurityGroupId, 'egress', ruleId, change)
    return {}
  },
})
