import * as contract from '@pileus/contract/generated/vpc'
import { apiError } from '@pileus/kernel/errors'
import { newResourceId } from '@pileus/kernel/ids'
import { say } from '@pileus/kernel/messages/text'
import type { Db } from '@pileus/kernel/store/store'
import { parseDestination } from '../domain/addressing.ts'
import { type Cidr, contains, formatCidr, getCidr } from '../domain/cidr.ts'
import { parseDescription, parseName } from '../domain/names.ts'
import { quotas } from '../domain/quotas.ts'
import { errors } from '../errors.ts'
import { parseNextHopType, requireNextHop } from '../next-hops.ts'
import { write } from '../operation.ts'
import { networkTopic } from '../reconcilers/network.ts'
import { findRouteTable, findRouteTableLocked, insertRouteEntry, listRouteEntries } from '../tables/route-tables.ts'
import { findVpcLocked } from '../tables/vpcs.ts'
import { listVSwitchesOfVpcs } from '../tables/vswitches.ts'

/** Adds a route to an instance or a network interface of the VPC. */
export const CreateRouteEntry = write(contract.CreateRouteEntry, {
  permission: 'vpc:CreateRouteEntry',
  places: 'nowhere',
  resources: (request) => [`routetable/${request.RouteTableId}`],
  idempotentBy: (request) => request.ClientToken,
  dryRunBy: (request) => request.DryRun,
  async run(ctx, request) {
    if ((request.NextHopList ?? []).length > 0) {
      throw apiError(errors.InvalidParameter, {
        parameter: 'NextHopList',
        reason: say`this cloud has routes with one next hop only; use NextHopType and NextHopId.`,
      })
    }
    const type = parseNextHopType(request.NextHopType)
    const destination = parseDestination(request.DestinationCidrBlock)
    const routeTableId = request.RouteTableId
    const table = await findRouteTable(ctx.db, ctx, routeTableId)
    // The VPC first, as everything does that changes its shape: new vswitches and new routes see each other.
    if (table) await findVpcLocked(ctx.db, ctx, table.vpc_id, 'shape')
    const locked = table && (await findRouteTableLocked(ctx.db, ctx, routeTableId))
    if (!locked) throw apiError(errors['InvalidRouteTableId.NotFound'], { routeTableId })
    await assertNew(ctx.db, locked, destination)
    const nextHopId = await requireNextHop(ctx.db, ctx, locked.vpc_id, { type, id: request.NextHopId })
    const RouteEntryId = newResourceId('rte')
    await insertRouteEntry(ctx.db, {
      route_entry_id: RouteEntryId,
      account_id: ctx.accountId,
      region_id: ctx.regionId,
      created_at: ctx.clock.now(),
      route_table_id: routeTableId,
      destination: formatCidr(destination),
      next_hop_type: type,
      next_hop_id: nextHopId,
      name: parseName(request.RouteEntryName, errors['InvalidRouteEntryName.Malformed']),
      description: parseDescription(request.Description, errors['InvalidDescription.Malformed']),
    })
    await ctx.wake(networkTopic)
    return { RouteEntryId }
  },
})

async function assertNew(db: Db, table: { route_table_id: string; vpc_id: string }, destination: Cidr): Promise<void> {
  const cidr = formatCidr(destination)
  const entries = await listRouteEntries(db, [table.route_table_id])
  if (entries.some((entry) => entry.destination === cidr)) {
    throw apiError(errors['RouterEntryConflict.Duplicated'], { cidr })
  }
  if (entries.length >= quotas.customEntriesPerRouteTable) {
    throw apiError(errors['QuotaExceeded.RouteEntry'], { limit: quotas.customEntriesPerRouteTable })
  }
  const vswitches = await listVSwitchesOfVpcs(db, [table.vpc_id])
  const covering = vswitches.find((vswitch) => contains(getCidr(vswitch.cidr), destination))
  if (covering) throw apiError(errors['InvalidCIDRBlock.Duplicate'], { cidr, other: covering.cidr })
}
