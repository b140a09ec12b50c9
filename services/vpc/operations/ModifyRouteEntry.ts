import * as contract from '@pileus/contract/generated/vpc'
import { apiError } from '@pileus/kernel/errors'
import { parseDescription, parseName } from '../domain/names.ts'
import { errors } from '../errors.ts'
import { parseNextHopType, requireNextHop } from '../next-hops.ts'
import { type VpcContext, write } from '../operation.ts'
import { networkTopic } from '../reconcilers/network.ts'
import { findTableOfEntry } from '../route-resources.ts'
import {
  findRouteEntry,
  findRouteTableLocked,
  listRouteEntries,
  type RouteEntry,
  updateRouteEntry,
} from '../tables/route-tables.ts'

/** Changes name, description and next hop of a custom route. */
export const ModifyRouteEntry = write(contract.ModifyRouteEntry, {
  permission: 'vpc:ModifyRouteEntry',
  places: 'nowhere',
  findResources: findTableOfEntry,
  dryRunBy: (request) => request.DryRun,
  async run(ctx, request) {
    const entry = await findEntry(ctx, request)
    const table = entry && (await findRouteTableLocked(ctx.db, ctx, entry.route_table_id))
    if (!entry || !table) {
      const named = request.RouteEntryId ?? `${request.DestinationCidrBlock} in ${request.RouteTableId}`
      throw apiError(errors['InvalidRouteEntry.NotFound'], { entry: named })
    }
    const hop =
      request.NewNextHopId === undefined
        ? undefined
        : { type: parseNextHopType(request.NewNextHopType ?? entry.next_hop_type), id: request.NewNextHopId }
    await updateRouteEntry(ctx.db, entry.route_entry_id, {
      ...(request.RouteEntryName !== undefined && {
        name: parseName(request.RouteEntryName, errors['InvalidRouteEntryName.Malformed']),
      }),
      ...(request.Description !== undefined && {
        description: parseDescription(request.Description, errors['InvalidDescription.Malformed']),
      }),
      ...(hop && {
        next_hop_type: hop.type,
        next_hop_id: await requireNextHop(ctx.db, ctx, table.vpc_id, hop),
      }),
    })
    await ctx.wake(networkTopic)
    return {}
  },
})

async function findEntry(ctx: VpcContext, request: contract.ModifyRouteEntryRequest): Promise<RouteEntry | undefined> {
  if (request.RouteEntryId) return await findRouteEntry(ctx.db, ctx, request.RouteEntryId)
  const { RouteTableId, DestinationCidrBlock } = request
  if (!RouteTableId || !DestinationCidrBlock) throw apiError(errors.MissingParameter, { parameter: 'RouteEntryId' })
  const table = await findRouteTableLocked(ctx.db, ctx, RouteTableId)
  const entries = table ? await listRouteEntries(ctx.db, [RouteTableId]) : []
  return entries.find((entry) => entry.destination === DestinationCidrBlock)
}
