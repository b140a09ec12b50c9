import * as contract from '@pileus/contract/generated/vpc'
import { isoSeconds } from '@pileus/kernel/clock'
import { given, parseVpcPage } from '../domain/paging.ts'
import { read } from '../operation.ts'
import { listRouteTableIds } from '../tables/route-tables.ts'
import { listVpcs } from '../tables/vpcs.ts'

/** Lists the routers of VPCs: each VPC has one. */
export const DescribeVRouters = read(contract.DescribeVRouters, {
  permission: 'vpc:DescribeVRouters',
  places: 'nowhere',
  resources: (request) => [`vrouter/${given(request.VRouterId) ?? '*'}`],
  async run(ctx, request) {
    const page = parseVpcPage(request)
    const { total, vpcs } = await listVpcs(ctx.db, ctx, { vrouterId: given(request.VRouterId) }, page)
    const tables = await listRouteTableIds(
      ctx.db,
      vpcs.map((vpc) => vpc.vpc_id),
    )
    return {
      TotalCount: total,
      PageNumber: page.pageNumber,
      PageSize: page.pageSize,
      VRouters: {
        VRouter: vpcs.map((vpc) => ({
          VRouterId: vpc.vrouter_id,
          VRouterName: '',
          Description: '',
          RegionId: vpc.region_id,
          VpcId: vpc.vpc_id,
          CreationTime: isoSeconds(vpc.created_at),
          RouteTableIds: {
            RouteTableId: tables.filter((table) => table.vpc_id === vpc.vpc_id).map((table) => table.route_table_id),
          },
        })),
      },
    }
  },
})
