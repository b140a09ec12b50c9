import * as contract from '@pileus/contract/generated/vpc'
import { apiError } from '@pileus/kernel/errors'
import { say } from '@pileus/kernel/messages/text'
import { encodeToken, parsePage } from '@pileus/kernel/pagination'
import { given } from '../domain/paging.ts'
import { describeListedRoute, type ShownRoute, shownRoutes } from '../domain/route-description.ts'
import { errors } from '../errors.ts'
import { read } from '../operation.ts'
import { findRouteTable, listRouteEntries } from '../tables/route-tables.ts'
import { listVSwitchesOfVpcs } from '../tables/vswitches.ts'

/** Lists the entries of one route table, those that exist by themselves first. */
export const DescribeRouteEntryList = read(contract.DescribeRouteEntryList, {
  permission: 'vpc:DescribeRouteEntryList',
  places: 'nowhere',
  resources: (request) => [`routetable/${request.RouteTableId}`],
  async run(ctx, request) {
    const page = parsePage(
      { MaxResults: request.MaxResult ?? 50, NextToken: request.NextToken },
      { defaultSize: 50, maxSize: 500 },
    )
    if (page.kind !== 'token') throw new Error('a token page was asked for')
    const table = await findRouteTable(ctx.db, ctx, request.RouteTableId)
    if (!table) throw apiError(errors['InvalidRouteTableId.NotFound'], { routeTableId: request.RouteTableId })
    const vswitches = await listVSwitchesOfVpcs(ctx.db, [table.vpc_id])
    const routes = shownRoutes(table, vswitches, await listRouteEntries(ctx.db, [table.route_table_id])).filter(
      (route) => matches(route, request),
    )
    const start = page.after === undefined ? 0 : positionAfter(routes, page.after)
    const shown = routes.slice(start, start + page.limit)
    const last = shown.at(-1)
    const isMore = start + shown.length < routes.length
    return {
      TotalCount: routes.length,
      NextToken: isMore && last ? encodeToken(last.routeEntryId) : '',
      RouteEntrys: { RouteEntry: shown.map((route) => describeListedRoute(route, ctx.regionId)) },
    }
  },
})

function matches(route: ShownRoute, request: contract.DescribeRouteEntryListRequest): boolean {
  const destinations = (request.DestCidrBlockList ?? []).filter((cidr) => cidr !== '')
  const version = given(request.IpVersion)?.toLowerCase() ?? 'ipv4'
  return (
    isIn(route.routeEntryId, request.RouteEntryId) &&
    isIn(route.name, request.RouteEntryName) &&
    isIn(route.type, request.RouteEntryType) &&
    isIn(route.destination, request.DestinationCidrBlock) &&
    isIn(route.nextHopType, request.NextHopType) &&
    isIn(route.nextHopId, request.NextHopId) &&
    (destinations.length === 0 || destinations.includes(route.destination)) &&
    version === 'ipv4' &&
    !request.ServiceType
  )
}

function isIn(value: string, wanted: string | undefined): boolean {
  return wanted === undefined || wanted === '' || value === wanted
}

function positionAfter(routes: readonly ShownRoute[], routeEntryId: string): number {
  const at = routes.findIndex((route) => route.routeEntryId === routeEntryId)
  if (at >= 0) return at + 1
  throw apiError(errors.InvalidParameter, {
    parameter: 'NextToken',
    reason: say`the entry after which it continues is gone; begin with the first page again.`,
  })
}
