import * as contract from '@pileus/contract/generated/vpc'
import { apiError } from '@pileus/kernel/errors'
import { say } from '@pileus/kernel/messages/text'
import { removeTags } from '@pileus/kernel/tags'
import { errors } from '../errors.ts'
import { write } from '../operation.ts'
import { networkTopic } from '../reconcilers/network.ts'
import { deleteRouteTables, findRouteTable, findRouteTableLocked, listRouteEntries } from '../tables/route-tables.ts'
import { tagOwner } from '../tables/tags.ts'

/** Deletes a custom route table that no vswitch follows and that has no custom entries. */
export const DeleteRouteTable = write(contract.DeleteRouteTable, {
  permission: 'vpc:DeleteRouteTable',
  places: 'nowhere',
  resources: (request) => [`routetable/${request.RouteTableId}`],
  async run(ctx, request) {
    const routeTableId = request.RouteTableId
    const isThere = await findRouteTableLocked(ctx.db, ctx, routeTableId)
    const table = isThere && (await findRouteTable(ctx.db, ctx, routeTableId))
    if (!table) throw apiError(errors['InvalidRouteTableId.NotFound'], { routeTableId })
    if (table.is_system) {
      throw apiError(errors['OperationDenied.SystemRouteTable'], { routeTableId, reason: say`it goes with the VPC` })
    }
    if (table.vswitch_ids.length > 0) {
      throw apiError(errors['DependencyViolation.VSwitch'], {
        resource: routeTableId,
        dependants: table.vswitch_ids.slice(0, 5).join(', '),
      })
    }
    const entries = await listRouteEntries(ctx.db, [routeTableId])
    if (entries.length > 0) {
      throw apiError(errors['DependencyViolation.RouteEntry'], {
        resource: routeTableId,
        dependants: entries
          .slice(0, 5)
          .map((entry) => entry.destination)
          .join(', '),
      })
    }
    await deleteRouteTables(ctx.db, [routeTableId])
    await removeTags(ctx.db, tagOwner(ctx, 'vpc', 'routetable'), [routeTableId], 'all')
    await ctx.wake(networkTopic)
    return {}
  },
})
