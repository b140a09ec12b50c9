import * as contract from '@pileus/contract/generated/ecs'
import { isoSeconds } from '@pileus/kernel/clock'
import { apiError, commonErrors } from '@pileus/kernel/errors'
import { say } from '@pileus/kernel/messages/text'
import { encodeToken, parsePage } from '@pileus/kernel/pagination'
import type { SecurityRuleFacts } from '@pileus/vpc/port'
import { read } from '../operation.ts'

/** Every rule of a group fits one page unless the caller asks for pages. */
const everyRule = 1_000

/** Describes a group with its rules, oldest first. */
export const DescribeSecurityGroupAttribute = read(contract.DescribeSecurityGroupAttribute, {
  permission: 'ecs:DescribeSecurityGroupAttribute',
  places: 'nowhere',
  resources: (request) => [`securitygroup/${request.SecurityGroupId}`],
  async run(ctx, request) {
    const { MaxResults, NextToken } = request
    const asked = parsePage({ MaxResults, NextToken }, { defaultSize: 500, maxSize: 1_000 })
    const page = asked.kind === 'token' ? asked : { after: undefined, limit: everyRule }
    const direction = parseDirection(request.Direction)
    const group = await ctx.vpc.securityGroups.get(ctx.db, ctx, request.SecurityGroupId)
    const { rules, nextKey } = await ctx.vpc.securityGroups.listRules(
      ctx.db,
      group.securityGroupId,
      { direction },
      { after: page.after, limit: page.limit },
    )
    const peers = rules.map((rule) => rule.peerGroupId).filter((id) => id !== '')
    const names = await ctx.vpc.securityGroups.listNames(ctx.db, [...new Set(peers)])
    return {
      RegionId: ctx.regionId,
      SecurityGroupId: group.securityGroupId,
      SecurityGroupName: group.name,
      Description: group.description,
      VpcId: group.vpcId,
      InnerAccessPolicy: group.innerAccess,
      NextToken: nextKey === undefined ? '' : encodeToken(nextKey),
      SnapshotPolicyIds: { SnapshotPolicyId: [] },
      Permissions: { Permission: rules.map((rule) => permissionOf(rule, names, ctx.accountId)) },
    }
  },
})

function permissionOf(rule: SecurityRuleFacts, names: ReadonlyMap<string, string>, accountId: string) {
  const isIngress = rule.direction === 'ingress'
  const groupName = names.get(rule.peerGroupId) ?? ''
  const owner = rule.peerGroupId === '' ? '' : accountId
  return {
    SecurityGroupRuleId: rule.ruleId,
    Direction: rule.direction,
    IpProtocol: rule.protocol,
    PortRange: rule.portRange,
    SourcePortRange: rule.sourcePortRange === '' ? '-1/-1' : rule.sourcePortRange,
    Policy: rule.policy,
    Priority: String(rule.priority),
    NicType: 'intranet',
    Description: rule.description,
    CreateTime: isoSeconds(rule.createdAt),
    SourceCidrIp: isIngress ? rule.peerCidr : rule.localCidr,
    DestCidrIp: isIngress ? rule.localCidr : rule.peerCidr,
    SourceGroupId: isIngress ? rule.peerGroupId : '',
    SourceGroupName: isIngress ? groupName : '',
    SourceGroupOwnerAccount: isIngress ? owner : '',
    DestGroupId: isIngress ? '' : rule.peerGroupId,
    DestGroupName: isIngress ? '' : groupName,
    DestGroupOwnerAccount: isIngress ? '' : owner,
    Ipv6SourceCidrIp: '',
    Ipv6DestCidrIp: '',
    SourcePrefixListId: '',
    SourcePrefixListName: '',
    DestPrefixListId: '',
    DestPrefixListName: '',
    PortRangeListId: '',
    PortRangeListName: '',
  }
}

function parseDirection(value: string | undefined): 'ingress' | 'egress' | undefined {
  if (value === undefined || value === '' || value === 'all') return undefined
  if (value === 'ingress' || value === 'egress') return value
  throw apiError(commonErrors.InvalidParameter, {
    parameter: 'Direction',
    reason: say`it is ingress, egress or all, and not "${value}".`,
  })
}
