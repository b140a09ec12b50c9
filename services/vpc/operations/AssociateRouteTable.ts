import * as contract from '@pileus/contract/generated/vpc'
import { apiError } from '@pileus/kernel/errors'
import { say } from '@pileus/kernel/messages/text'
import { errors } from '../errors.ts'
import { write } from '../operation.ts'
import { networkTopic } from '../reconcilers/network.ts'
import { findRouteTableLocked } from '../tables/route-tables.ts'
import { findVSwitchLocked, updateVSwitch } from '../tables/vswitches.ts'

/** Lets a vswitch follow a custom route table of its VPC instead of the one it follows now. */
export const AssociateRouteTable = write(contract.AssociateRouteTable, {
  permission: 'vpc:AssociateRouteTable',
  places: 'nowhere',
  resources: (request) => [`routetable/${request.RouteTableId}`, `vswitch/${request.VSwitchId}`],
  idempotentBy: (request) => request.ClientToken,
  async run(ctx, request) {
    const { RouteTableId: routeTableId, VSwitchId: vswitchId } = request
    const table = await findRouteTableLocked(ctx.db, ctx, routeTableId)
    if (!table) throw apiError(errors['InvalidRouteTableId.NotFound'], { routeTableId })
    const vswitch = await findVSwitchLocked(ctx.db, ctx, vswitchId, 'allocate')
    if (!vswitch) throw apiError(errors['InvalidVSwitchId.NotFound'], { vswitchId })
    if (table.is_system) {
      throw apiError(errors['OperationDenied.SystemRouteTable'], {
        routeTableId,
        reason: say`vSwitches follow it when they follow no custom one`,
      })
    }
    if (vswitch.vpc_id !== table.vpc_id) {
      throw apiError(errors.InvalidParameter, {
        parameter: 'VSwitchId',
        reason: say`${vswitchId} is in ${vswitch.vpc_id}, and the route table in ${table.vpc_id}.`,
      })
    }
    await updateVSwitch(ctx.db, vswitchId, { route_table_id: routeTableId })
    await ctx.wake(networkTopic)
    return {}
  },
})
