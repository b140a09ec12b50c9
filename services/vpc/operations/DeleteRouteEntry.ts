import * as contract from '@pileus/contract/generated/vpc'
import { apiError } from '@pileus/kernel/errors'
import { errors } from '../errors.ts'
import { type VpcContext, write } from '../operation.ts'
import { networkTopic } from '../reconcilers/network.ts'
import { findTableOfEntry } from '../route-resources.ts'
import {
  deleteRouteEntry,
  findRouteEntry,
  findRouteTableLocked,
  listRouteEntries,
  type RouteEntry,
} from '../tables/route-tables.ts'

/** Deletes a custom route, named by its id, or by its table, destination and next hop. */
export const DeleteRouteEntry = write(contract.DeleteRouteEntry, {
  permission: 'vpc:DeleteRouteEntry',
  places: 'nowhere',
  findResources: findTableOfEntry,
  dryRunBy: (request) => request.DryRun,
  async run(ctx, request) {
    const entry = request.RouteEntryId
      ? await findRouteEntry(ctx.db, ctx, request.RouteEntryId)
      : await findByDestination(ctx, request)
    const isOther = request.RouteTableId !== undefined && entry?.route_table_id !== request.RouteTableId
    if (!entry || isOther) {
      const named = request.RouteEntryId ?? `${request.DestinationCidrBlock} in ${request.RouteTableId}`
      throw apiError(errors['InvalidRouteEntry.NotFound'], { entry: named })
    }
    await findRouteTableLocked(ctx.db, ctx, entry.route_table_id)
    await deleteRouteEntry(ctx.db, entry.route_entry_id)
    await ctx.wake(networkTopic)
    return {}
  },
})

async function findByDestination(
  ctx: VpcContext,
  request: contract.DeleteRouteEntryRequest,
): Promise<RouteEntry | undefined> {
  const { RouteTableId, DestinationCidrBlock, NextHopId } = request
  if (!RouteTableId) throw apiError(errors.MissingParameter, { parameter: 'RouteTableId' })
  if (!DestinationCidrBlock) throw apiError(errors.MissingParameter, { parameter: 'DestinationCidrBlock' })
  if (!(await findRouteTableLocked(ctx.db, ctx, RouteTableId))) {
    throw apiError(errors['InvalidRouteTableId.NotFound'], { routeTableId: RouteTableId })
  }
  const entries = await listRouteEntries(ctx.db, [RouteTableId])
  return entries.find(
    (entry) => entry.destination === DestinationCidrBlock && (!NextHopId || entry.next_hop_id === NextHopId),
  )
}
