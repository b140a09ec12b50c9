/** Route entries as the API shows them: the customer's, and those that every table of a VPC has. */
import { isoSeconds } from '@pileus/kernel/clock'

export interface ShownRoute {
  routeEntryId: string
  routeTableId: string
  destination: string
  /** `System` entries exist by themselves; `Custom` ones were made. */
  type: 'System' | 'Custom'
  nextHopType: string
  nextHopId: string
  name: string
  description: string
  createdAt: Date
}

interface Table {
  route_table_id: string
  vpc_id: string
  created_at: Date
}

interface CustomEntry {
  route_entry_id: string
  route_table_id: string
  destination: string
  next_hop_type: string
  next_hop_id: string
  name: string
  description: string
  created_at: Date
}

/** Where services of the cloud, such as metadata, are reached. */
const serviceBlock = '100.64.0.0/10'

/** All entries of a table: one to each vswitch, one to the cloud's services, then the customer's. */
export function shownRoutes(
  table: Table,
  vswitches: readonly { vswitch_id: string; vpc_id: string; cidr: string; created_at: Date }[],
  custom: readonly CustomEntry[],
): ShownRoute[] {
  const system = (id: string, destination: string, nextHopType: string, createdAt: Date): ShownRoute => ({
    // Derived from what it leads to, so that it stays the same from call to call.
    routeEntryId: `rte-${table.route_table_id.slice(4, 14)}${id.slice(-10)}`,
    routeTableId: table.route_table_id,
    destination,
    type: 'System',
    nextHopType,
    nextHopId: '',
    name: '',
    description: '',
    createdAt,
  })
  return [
    ...vswitches
      .filter((vswitch) => vswitch.vpc_id === table.vpc_id)
      .map((vswitch) => system(vswitch.vswitch_id, vswitch.cidr, 'local', vswitch.created_at)),
    system(table.route_table_id, serviceBlock, 'service', table.created_at),
    ...custom
      .filter((entry) => entry.route_table_id === table.route_table_id)
      .map(
        (entry): ShownRoute => ({
          routeEntryId: entry.route_entry_id,
          routeTableId: entry.route_table_id,
          destination: entry.destination,
          type: 'Custom',
          nextHopType: entry.next_hop_type,
          nextHopId: entry.next_hop_id,
          name: entry.name,
          description: entry.description,
          createdAt: entry.created_at,
        }),
      ),
  ]
}

/** As DescribeRouteTables answers an entry. */
export function describeRoute(route: ShownRoute) {
  return {
    RouteEntryId: route.routeEntryId,
    RouteEntryName: route.name,
    Description: route.description,
    RouteTableId: route.routeTableId,
    DestinationCidrBlock: route.destination,
    Type: route.type,
    Status: 'Available',
    NextHopType: route.nextHopType,
    InstanceId: route.nextHopId,
    // Several next hops are for routes that spread traffic, which this cloud does not have.
    NextHops: { NextHop: [] },
  }
}

/** As DescribeRouteEntryList answers an entry. */
export function describeListedRoute(route: ShownRoute, regionId: string) {
  return {
    RouteEntryId: route.routeEntryId,
    RouteEntryName: route.name,
    Description: route.description,
    RouteTableId: route.routeTableId,
    DestinationCidrBlock: route.destination,
    IpVersion: 'IPv4',
    Type: route.type,
    Status: 'Available',
    GmtModified: isoSeconds(route.createdAt),
    NextHops: {
      NextHop: [
        {
          NextHopType: route.nextHopType,
          NextHopId: route.nextHopId,
          NextHopRegionId: regionId,
          Enabled: 1,
          Weight: 0,
        },
      ],
    },
  }
}
