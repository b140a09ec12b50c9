import * as contract from '@pileus/contract/generated/ecs'
import { refuseUnoffered, requireStopped } from '../network-parameters.ts'
import { write } from '../operation.ts'

/** Takes a secondary network interface off a stopped instance. */
export const DetachNetworkInterface = write(contract.DetachNetworkInterface, {
  permission: 'ecs:DetachNetworkInterface',
  places: 'nowhere',
  resources: (request) => [`eni/${request.NetworkInterfaceId}`, `instance/${request.InstanceId}`],
  async run(ctx, request) {
    refuseUnoffered({ TrunkNetworkInstanceId: request.TrunkNetworkInstanceId })
    const instance = await ctx.ecs.lockInstance(ctx.db, ctx, request.InstanceId)
    requireStopped(instance)
    await ctx.vpc.networkInterfaces.detach(ctx.db, ctx, request.NetworkInterfaceId, instance.instanceId)
    await ctx.ecs.noteMachinesChanged(ctx.db, [instance.instanceId])
    return {}
  },
})
