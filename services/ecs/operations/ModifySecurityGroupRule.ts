import * as contract from '@pileus/contract/generated/ecs'
import { flatPermission } from '../network-parameters.ts'
import { write } from '../operation.ts'

/** Changes the ingress rule with that id, or, without one, the description of the rule that the parameters name. */
export const ModifySecurityGroupRule = write(contract.ModifySecurityGroupRule, {
  permission: 'ecs:ModifySecurityGroupRule',
  places: 'nowhere',
  resources: (request) => [`securitygroup/${request.SecurityGroupId}`],
  idempotentBy: (request) => request.ClientToken,
  async run(ctx, request) {
    const ruleId = request.SecurityGroupRuleId === '' ? undefined : request.SecurityGroupRuleId
    const change = flatPermission(request, ctx.accountId)
    await ctx.vpc.securityGroups.modifyRule(ctx.db, ctx, request.SecurityGroupId, 'ingress', ruleId, change)
    return {}
  },
})
