import * as contract from '@pileus/contract/generated/vpc'
import { isoSeconds } from '@pileus/kernel/clock'
import { listTags } from '@pileus/kernel/tags'
import { refuseDryRun } from '../domain/dry-run.ts'
import { given, parseIdList, parseVpcPage } from '../domain/paging.ts'
import { read } from '../operation.ts'
import { listRouteTableIds } from '../tables/route-tables.ts'
import { parseTagFilters, tagOwner } from '../tables/tags.ts'
import { listVpcs } from '../tables/vpcs.ts'
import { listVSwitchesOfVpcs } from '../tables/vswitches.ts'

/** Lists VPCs; `VpcId` may hold several ids, separated by commas. */
export const DescribeVpcs = read(contract.DescribeVpcs, {
  permission: 'vpc:DescribeVpcs',
  places: 'nowhere',
  resources: (request) => (parseIdList(request.VpcId) ?? ['*']).map((id) => `vpc/${id}`),
  async run(ctx, request) {
    refuseDryRun(request.DryRun)
    const page = parseVpcPage(request)
    const { total, vpcs } = await listVpcs(
      ctx.db,
      ctx,
      {
        vpcIds: parseIdList(request.VpcId),
        name: given(request.VpcName),
        isDefault: request.IsDefault,
        resourceGroupId: given(request.ResourceGroupId),
        tags: parseTagFilters(request.Tag),
        ...((request.EnableIpv6 || given(request.DhcpOptionsSetId) !== undefined) && { vpcIds: [''] }),
      },
      page,
    )
    const ids = vpcs.map((vpc) => vpc.vpc_id)
    const vswitches = await listVSwitchesOfVpcs(ctx.db, ids)
    const routeTables = await listRouteTableIds(ctx.db, ids)
    const tags = await listTags(ctx.db, tagOwner(ctx, 'vpc', 'vpc'), ids)
    return {
      TotalCount: total,
      PageNumber: page.pageNumber,
      PageSize: page.pageSize,
      Vpcs: {
        Vpc: vpcs.map((vpc) => ({
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
          VRouterId: vpc.vrouter_id,
          ResourceGroupId: vpc.resource_group_id,
          DnsHostnameStatus: vpc.dns_hostnames ? 'ENABLED' : 'DISABLED',
          DhcpOptionsSetId: '',
          DhcpOptionsSetStatus: '',
          CenStatus: 'Detached',
          SecondaryCidrBlocks: { SecondaryCidrBlock: vpc.secondary_cidrs },
          UserCidrs: { UserCidr: vpc.user_cidrs },
          VSwitchIds: { VSwitchId: vswitches.filter((s) => s.vpc_id === vpc.vpc_id).map((s) => s.vswitch_id) },
          RouterTableIds: {
            RouterTableIds: routeTables.filter((t) => t.vpc_id === vpc.vpc_id).map((t) => t.route_table_id),
          },
          NatGatewayIds: { NatGatewayIds: [] },
          Tags: { Tag: (tags.get(vpc.vpc_id) ?? []).map((tag) => ({ Key: tag.key, Value: tag.value })) },
        })),
      },
    }
  },
})
