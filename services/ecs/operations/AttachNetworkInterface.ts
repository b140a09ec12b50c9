import * as contract from '@pileus/contract/generated/ecs'
import { refuseUnoffered, requireStopped } from '../network-parameters.ts'
import { write } from '../operation.ts'

/** Attaches a secondary network interface to a stopped instance: machines get their cards when they start. */
export const AttachNetworkInterface = write(contract.AttachNetworkInterface, {
  permission: 'ecs:AttachNetworkInterface',
  places: 'nowhere',
  resources: (request) => [`eni/${request.NetworkInterfaceId}`, `instance/${request.InstanceId}`],
  async run(ctx, request) {
    refuseUnoffered({
      TrunkNetworkInstanceId: request.TrunkNetworkInstanceId,
      NetworkCardIndex: request.NetworkCardIndex,
    })
    const instance = await ctx.ecs.lockInstance(ctx.db, ctx, request.InstanceId)
    requireStopped(instance)
    await ctx.vpc.networkInterfaces.attach(ctx.db, ctx, request.NetworkInterfaceId, {
      instanceId: instance.instanceId,
      instanceType: instance.instanceType,
      zoneId: instance.zoneId,
      nicLimit: instance.eniQuantity,
    })
    await ctx.ecs.noteMachinesChanged(ctx.db, [instance.instanceId])
    return {}
  },
})
