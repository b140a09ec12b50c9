import * as contract from '@pileus/contract/generated/vpc'
import { isoSeconds } from '@pileus/kernel/clock'
import { apiError } from '@pileus/kernel/errors'
import { say } from '@pileus/kernel/messages/text'
import { listTags } from '@pileus/kernel/tags'
import { given, parseVpcPage } from '../domain/paging.ts'
import { errors } from '../errors.ts'
import { read } from '../operation.ts'
import { listRouteTables } from '../tables/route-tables.ts'
import { parseTagFilters, tagOwner } from '../tables/tags.ts'

/** Lists route tables without their entries. */
export const DescribeRouteTableList = read(contract.DescribeRouteTableList, {
  permission: 'vpc:DescribeRouteTableList',
  places: 'nowhere',
  resources: (request) => [`routetable/${given(request.RouteTableId) ?? '*'}`],
  async run(ctx, request) {
    const page = parseVpcPage(request)
    const { total, routeTables } = await listRouteTables(
      ctx.db,
      ctx,
      {
        // Every router here is a VRouter.
        routeTableId: request.RouterType === 'VBR' ? '' : given(request.RouteTableId),
        vpcId: given(request.VpcId),
        vrouterId: given(request.RouterId),
        name: given(request.RouteTableName),
        isSystem: parseType(given(request.RouteTableType)),
        resourceGroupId: given(request.ResourceGroupId),
        tags: parseTagFilters(request.Tag),
      },
      page,
    )
    const ids = routeTables.map((table) => table.route_table_id)
    const tags = await listTags(ctx.db, tagOwner(ctx, 'vpc', 'routetable'), ids)
    return {
      TotalCount: total,
      PageNumber: page.pageNumber,
      PageSize: page.pageSize,
      RouterTableList: {
        RouterTableListType: routeTables.map((table) => ({
          RouteTableId: table.route_table_id,
          RouteTableName: table.name,
          RouteTableType: table.is_system ? 'System' : 'Custom',
          Description: table.description,
          AssociateType: 'VSwitch',
          RouterId: table.vrouter_id,
          RouterType: 'VRouter',
          VpcId: table.vpc_id,
          Status: 'Available',
          CreationTime: isoSeconds(table.created_at),
          ResourceGroupId: table.resource_group_id,
          RoutePropagationEnable: table.propagates,
          GatewayIds: { GatewayIds: [] },
          VSwitchIds: { VSwitchId: table.vswitch_ids },
          Tags: { Tag: (tags.get(table.route_table_id) ?? []).map((tag) => ({ Key: tag.key, Value: tag.value })) },
        })),
      },
    }
  },
})

function parseType(value: string | undefined): boolean | undefined {
  if (value === undefined) return undefined
  if (value === 'System' || value === 'Custom') return value === 'System'
  throw apiError(errors.InvalidParameter, {
    parameter: 'RouteTableType',
    reason: say`it is System or Custom, and not "${value}".`,
  })
}
