import * as contract from '@pileus/contract/generated/vpc'
import { isoSeconds } from '@pileus/kernel/clock'
import { given, parseVpcPage } from '../domain/paging.ts'
import { describeRoute, shownRoutes } from '../domain/route-description.ts'
import { read } from '../operation.ts'
import { listRouteEntries, listRouteTables } from '../tables/route-tables.ts'
import { listVSwitchesOfVpcs } from '../tables/vswitches.ts'

/** Lists route tables with all their entries, those that exist by themselves included. */
export const DescribeRouteTables = read(contract.DescribeRouteTables, {
  permission: 'vpc:DescribeRouteTables',
  places: 'nowhere',
  resources: (request) => [`routetable/${given(request.RouteTableId) ?? '*'}`],
  async run(ctx, request) {
    const page = parseVpcPage(request)
    const { total, routeTables } = await listRouteTables(
      ctx.db,
      ctx,
      {
        routeTableId: request.RouterType === 'VBR' ? '' : given(request.RouteTableId),
        vrouterId: given(request.VRouterId) ?? given(request.RouterId),
        name: given(request.RouteTableName),
        isSystem: request.Type === 'System' ? true : request.Type === 'Custom' ? false : undefined,
        resourceGroupId: given(request.ResourceGroupId),
      },
      page,
    )
    const vswitches = await listVSwitchesOfVpcs(ctx.db, [...new Set(routeTables.map((table) => table.vpc_id))])
    const entries = await listRouteEntries(
      ctx.db,
      routeTables.map((table) => table.route_table_id),
    )
    return {
      TotalCount: total,
      PageNumber: page.pageNumber,
      PageSize: page.pageSize,
      RouteTables: {
        RouteTable: routeTables.map((table) => ({
          RouteTableId: table.route_table_id,
          RouteTableType: table.is_system ? 'System' : 'Custom',
          VRouterId: table.vrouter_id,
          Status: 'Available',
          CreationTime: isoSeconds(table.created_at),
          ResourceGroupId: table.resource_group_id,
          VSwitchIds: { VSwitchId: table.vswitch_ids },
          RouteEntrys: { RouteEntry: shownRoutes(table, vswitches, entries).map(describeRoute) },
        })),
      },
    }
  },
})
