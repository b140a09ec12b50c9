import * as contract from '@pileus/contract/generated/vpc'
import { apiError } from '@pileus/kernel/errors'
import { parseDescription, parseName } from '../domain/names.ts'
import { errors } from '../errors.ts'
import { write } from '../operation.ts'
import { findRouteTableLocked, updateRouteTable } from '../tables/route-tables.ts'

/** Changes name, description and whether routes that other products learn are taken over. */
export const ModifyRouteTableAttributes = write(contract.ModifyRouteTableAttributes, {
  permission: 'vpc:ModifyRouteTableAttributes',
  places: 'nowhere',
  resources: (request) => [`routetable/${request.RouteTableId}`],
  async run(ctx, request) {
    const { RouteTableId } = request
    if (!(await findRouteTableLocked(ctx.db, ctx, RouteTableId))) {
      throw apiError(errors['InvalidRouteTableId.NotFound'], { routeTableId: RouteTableId })
    }
    await updateRouteTable(ctx.db, RouteTableId, {
      ...(request.RouteTableName !== undefined && {
        name: parseName(request.RouteTableName, errors['InvalidRouteTableName.Malformed']),
      }),
      ...(request.Description !== undefined && {
        description: parseDescription(request.Description, errors['InvalidDescription.Malformed']),
      }),
      ...(request.RoutePropagationEnable !== undefined && { propagates: request.RoutePropagationEnable }),
    })
    return {}
  },
})
