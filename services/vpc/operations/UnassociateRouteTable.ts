import * as contract from '@pileus/contract/generated/vpc'
import { apiError } from '@pileus/kernel/errors'
import { errors } from '../errors.ts'
import { write } from '../operation.ts'
import { networkTopic } from '../reconcilers/network.ts'
import { findRouteTableLocked, getSystemRouteTableId } from '../tables/route-tables.ts'
import { findVSwitchLocked, updateVSwitch } from '../tables/vswitches.ts'

/** Lets a vswitch follow its VPC's system route table again. */
export const UnassociateRouteTable = write(contract.UnassociateRouteTable, {
  permission: 'vpc:UnassociateRouteTable',
  places: 'nowhere',
  resources: (request) => [`routetable/${request.RouteTableId}`, `vswitch/${request.VSwitchId}`],
  idempotentBy: (request) => request.ClientToken,
  async run(ctx, request) {
    const { RouteTableId: routeTableId, VSwitchId: vswitchId } = request
    const table = await findRouteTableLocked(ctx.db, ctx, routeTableId)
    if (!table) throw apiError(errors['InvalidRouteTableId.NotFound'], { routeTableId })
    const vswitch = await findVSwitchLocked(ctx.db, ctx, vswitchId, 'allocate')
    if (!vswitch) throw apiError(errors['InvalidVSwitchId.NotFound'], { vswitchId })
    if (table.is_system || vswitch.route_table_id !== routeTableId) {
      throw apiError(errors['OperationFailed.RouteTableNotAssociated'], { vswitchId, routeTableId })
    }
    await updateVSwitch(ctx.db, vswitchId, { route_table_id: await getSystemRouteTableId(ctx.db, vswitch.vpc_id) })
    await ctx.wake(networkTopic)
    return {}
  },
})
