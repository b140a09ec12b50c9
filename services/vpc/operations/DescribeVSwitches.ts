import * as contract from '@pileus/contract/generated/vpc'
import { listTags } from '@pileus/kernel/tags'
import { refuseDryRun } from '../domain/dry-run.ts'
import { given, parseIdList, parseVpcPage } from '../domain/paging.ts'
import { describeVSwitch } from '../domain/vswitch-description.ts'
import { read } from '../operation.ts'
import { parseTagFilters, tagOwner } from '../tables/tags.ts'
import { listVSwitches } from '../tables/vswitches.ts'

/** Lists vswitches; `VSwitchId` may hold several ids, separated by commas. */
export const DescribeVSwitches = read(contract.DescribeVSwitches, {
  permission: 'vpc:DescribeVSwitches',
  places: 'nowhere',
  resources: (request) => (parseIdList(request.VSwitchId) ?? ['*']).map((id) => `vswitch/${id}`),
  async run(ctx, request) {
    refuseDryRun(request.DryRun)
    const page = parseVpcPage(request)
    const { total, vswitches } = await listVSwitches(
      ctx.db,
      ctx,
      {
        vswitchIds: request.EnableIpv6 ? [''] : parseIdList(request.VSwitchId),
        vpcId: given(request.VpcId),
        zoneId: given(request.ZoneId),
        name: given(request.VSwitchName),
        isDefault: request.IsDefault,
        routeTableId: given(request.RouteTableId),
        resourceGroupId: given(request.ResourceGroupId),
        tags: parseTagFilters(request.Tag),
      },
      page,
    )
    const tags = await listTags(
      ctx.db,
      tagOwner(ctx, 'vpc', 'vswitch'),
      vswitches.map((vswitch) => vswitch.vswitch_id),
    )
    return {
      TotalCount: total,
      PageNumber: page.pageNumber,
      PageSize: page.pageSize,
      VSwitches: {
        VSwitch: vswitches.map((vswitch) =>
          describeVSwitch(vswitch, vswitch.resource_group_id, tags.get(vswitch.vswitch_id) ?? []),
        ),
      },
    }
  },
})
