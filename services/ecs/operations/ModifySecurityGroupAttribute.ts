import * as contract from '@pileus/contract/generated/ecs'
import { write } from '../operation.ts'

/** Changes name and description. */
export const ModifySecurityGroupAttribute = write(contract.ModifySecurityGroupAttribute, {
  permission: 'ecs:ModifySecurityGroupAttribute',
  places: 'nowhere',
  resources: (request) => [`securitygroup/${request.SecurityGroupId}`],
  async run(ctx, request) {
    await ctx.vpc.securityGroups.modify(ctx.db, ctx, request.SecurityGroupId, {
      name: request.SecurityGroupName,
      description: request.Description,
    })
    return {}
  },
})
