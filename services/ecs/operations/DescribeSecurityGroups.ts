import * as contract from '@pileus/contract/generated/ecs'
import { isoSeconds } from '@pileus/kernel/clock'
import { apiError, commonErrors } from '@pileus/kernel/errors'
import { parsePage } from '@pileus/kernel/pagination'
import { listTags } from '@pileus/kernel/tags'
import { parseJsonList } from '../domain/id-lists.ts'
import { given, pagingOf, parseTagConditions } from '../network-parameters.ts'
import { read } from '../operation.ts'

/** Lists security groups. Counts of instances only when `IsQueryEcsCount` asks for them, as the vendor does. */
export const DescribeSecurityGroups = read(contract.DescribeSecurityGroups, {
  permission: 'ecs:DescribeSecurityGroups',
  places: 'nowhere',
  resources: (request) => [`securitygroup/${given(request.SecurityGroupId) ?? '*'}`],
  async run(ctx, request) {
    if (request.DryRun) throw apiError(commonErrors.DryRunOperation)
    const page = parsePage(request)
    const listed = await ctx.vpc.securityGroups.list(
      ctx.db,
      ctx,
      {
        securityGroupIds: idsOf(request),
        vpcId: given(request.VpcId),
        name: given(request.SecurityGroupName),
        fuzzy: request.FuzzyQuery,
        type: given(request.SecurityGroupType),
        resourceGroupId: given(request.ResourceGroupId),
        tags: parseTagConditions(request.Tag),
      },
      page,
    )
    const ids = listed.items.map((group) => group.securityGroupId)
    const tags = await listTags(ctx.db, { product: 'ecs', resourceType: 'securitygroup' }, ids)
    const uses = await ctx.vpc.securityGroups.listUse(ctx.db, listed.items)
    return {
      RegionId: ctx.regionId,
      ...pagingOf(page, listed),
      SecurityGroups: {
        SecurityGroup: listed.items.map((group) => {
          const use = uses.get(group.securityGroupId)
          return {
            SecurityGroupId: group.securityGroupId,
            SecurityGroupName: group.name,
            Description: group.description,
            SecurityGroupType: group.type,
            VpcId: group.vpcId,
            CreationTime: isoSeconds(group.createdAt),
            ResourceGroupId: group.resourceGroupId,
            ServiceManaged: false,
            EcsCount: request.IsQueryEcsCount ? (use?.instances ?? 0) : 0,
            AvailableInstanceAmount: use ? use.addressLimit - use.addresses : 0,
            RuleCount: use?.rules ?? 0,
            GroupToGroupRuleCount: use?.groupRules ?? 0,
            Tags: {
              Tag: (tags.get(group.securityGroupId) ?? []).map((tag) => ({ TagKey: tag.key, TagValue: tag.value })),
            },
          }
        }),
      },
    }
  },
})

/** Groups that match nothing: those of the classic network and those that a service manages do not exist here. */
function idsOf(request: contract.DescribeSecurityGroupsRequest): string[] | undefined {
  if (request.NetworkType === 'classic' || request.ServiceManaged) return ['']
  const ids = parseJsonList('SecurityGroupIds', request.SecurityGroupIds)
  const one = given(request.SecurityGroupId)
  if (one === undefined) return ids
  return ids === undefined || ids.includes(one) ? [one] : ['']
}
