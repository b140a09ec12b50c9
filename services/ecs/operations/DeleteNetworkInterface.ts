import * as contract from '@pileus/contract/generated/ecs'
import { write } from '../operation.ts'

/** Deletes a network interface that is not attached. */
export const DeleteNetworkInterface = write(contract.DeleteNetworkInterface, {
  permission: 'ecs:DeleteNetworkInterface',
  places: 'nowhere',
  resources: (request) => [`eni/${request.NetworkInterfaceId}`],
  async run(ctx, request) {
    await ctx.vpc.networkInterfaces.delete(ctx.db, ctx, request.NetworkInterfaceId)
    return {}
  },
})
