import * as contract from '@pileus/contract/generated/ecs'
import { parseIdList } from '../domain/id-lists.ts'
import { read } from '../operation.ts'

/** For each group, the groups whose rules name it. */
export const DescribeSecurityGroupReferences = read(contract.DescribeSecurityGroupReferences, {
  permission: 'ecs:DescribeSecurityGroupReferences',
  places: 'nowhere',
  resources: (request) => request.SecurityGroupId.map((id) => `securitygroup/${id}`),
  async run(ctx, request) {
    const ids = parseIdList('SecurityGroupId', request.SecurityGroupId, 10)
    const references = await ctx.vpc.securityGroups.listReferences(ctx.db, ctx, ids)
    return {
      SecurityGroupReferences: {
        SecurityGroupReference: [...references]
          .filter(([, groups]) => groups.length > 0)
          .map(([SecurityGroupId, groups]) => ({
            SecurityGroupId,
            ReferencingSecurityGroups: {
              ReferencingSecurityGroup: groups.map((group) => ({
                SecurityGroupId: group.securityGroupId,
                AliUid: group.accountId,
              })),
            },
          })),
      },
    }
  },
})
