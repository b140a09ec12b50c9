import * as contract from '@pileus/contract/generated/vpc'
import { isoSeconds } from '@pileus/kernel/clock'
import { apiError } from '@pileus/kernel/errors'
import { listTags } from '@pileus/kernel/tags'
import { refuseDryRun } from '../domain/dry-run.ts'
import { errors } from '../errors.ts'
import { read } from '../operation.ts'
import { listRouteTableIds } from '../tables/route-tables.ts'
import { listSecurityGroupIdsOfVpc } from '../tables/security-groups.ts'
import { tagOwner } from '../tables/tags.ts'
import { findVpc } from '../tables/vpcs.ts'
import { listVSwitchesOfVpcs } from '../tables/vswitches.ts'

/** Describes one VPC with the numbers of resources in it. */
export const DescribeVpcAttribute = read(contract.DescribeVpcAttribute, {
  permission: 'vpc:DescribeVpcAttribute',
  places: 'nowhere',
  resources: (request) => [`vpc/${request.VpcId}`],
  async run(ctx, request) {
    refuseDryRun(request.DryRun)
    const vpc = await findVpc(ctx.db, ctx, request.VpcId)
    if (!vpc || (request.IsDefault !== undefined && request.IsDefault && !vpc.is_default)) {
      throw apiError(errors['InvalidVpcId.NotFound'], { vpcId: request.VpcId })
    }
    const ids = [vpc.vpc_id]
    const vswitches = await listVSwitchesOfVpcs(ctx.db, ids)
    const routeTables = await listRouteTableIds(ctx.db, ids)
    const securityGroups = await listSecurityGroupIdsOfVpc(ctx.db, vpc.vpc_id)
    const tags = await listTags(ctx.db, tagOwner(ctx, 'vpc', 'vpc'), ids)
    return {
      VpcId: vpc.vpc_id,
      RegionId: vpc.region_id,
      Status: 'Available',
      VpcName: vpc.name,
      Description: vpc.description,
      CreationTime: isoSeconds(vpc.created_at),
      CidrBlock: vpc.cidr,
      Ipv6CidrBlock: '',
      Ipv6CidrBlocks: { Ipv6CidrBlock: [] },
      EnabledIpv6: false,
      IsDefault: vpc.is_default,
      ClassicLinkEnabled: false,
      SupportIpv4Gateway: false,
      Ipv4GatewayId: '',
      VRouterId: vpc.vrouter_id,
      ResourceGroupId: vpc.resource_group_id,
      DnsHostnameStatus: vpc.dns_hostnames ? 'ENABLED' : 'DISABLED',
      DhcpOptionsSetId: '',
      DhcpOptionsSetStatus: '',
      SecondaryCidrBlocks: { SecondaryCidrBlock: vpc.secondary_cidrs },
      UserCidrs: { UserCidr: vpc.user_cidrs },
      VSwitchIds: { VSwitchId: vswitches.map((vswitch) => vswitch.vswitch_id) },
      AssociatedCens: { AssociatedCen: [] },
      AssociatedPropagationSources: { AssociatedPropagationSources: [] },
      CloudResources: {
        CloudResourceSetType: [
          { ResourceType: 'VSwitch', ResourceCount: vswitches.length },
          { ResourceType: 'VRouter', ResourceCount: 1 },
          { ResourceType: 'RouteTable', ResourceCount: routeTables.length },
          { ResourceType: 'SecurityGroup', ResourceCount: securityGroups.length },
        ],
      },
      Tags: { Tag: (tags.get(vpc.vpc_id) ?? []).map((tag) => ({ Key: tag.key, Value: tag.value })) },
    }
  },
})
