import * as contract from '@pileus/contract/generated/ecs'
import { tagsOf } from '../domain/tag-parameters.ts'
import { write } from '../operation.ts'

/** Makes a security group of a VPC; it has no rules, so it lets in only its own members. */
export const CreateSecurityGroup = write(contract.CreateSecurityGroup, {
  permission: 'ecs:CreateSecurityGroup',
  places: (_request, regionId) => regionId,
  resources: () => ['securitygroup/*'],
  idempotentBy: (request) => request.ClientToken,
  async run(ctx, request) {
    const SecurityGroupId = await ctx.vpc.securityGroups.create(ctx.db, ctx, {
      vpcId: request.VpcId,
      name: request.SecurityGroupName,
      description: request.Description,
      type: request.SecurityGroupType,
      resourceGroupId: request.ResourceGroupId,
      tags: tagsOf(request.Tag),
    })
    return { SecurityGroupId }
  },
})
