import type { ResourceLookup } from '@pileus/kernel/operation'
import { findRouteEntry } from './tables/route-tables.ts'

/** What a request about a route is about: its table, also where the route is named by its own id. */
export async function findTableOfEntry(
  lookup: ResourceLookup,
  request: { RouteTableId?: string | undefined; RouteEntryId?: string | undefined },
): Promise<string[]> {
  if (request.RouteTableId) return [`routetable/${request.RouteTableId}`]
  const entry = request.RouteEntryId ? await findRouteEntry(lookup.db, lookup, request.RouteEntryId) : undefined
  return [`routetable/${entry?.route_table_id ?? '*'}`]
}
