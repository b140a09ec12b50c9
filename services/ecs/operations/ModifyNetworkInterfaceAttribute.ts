import * as contract from '@pileus/contract/generated/ecs'
import { refuseUnoffered } from '../network-parameters.ts'
import { write } from '../operation.ts'

/** Changes name, description, security groups, and what happens with it when its instance is released. */
export const ModifyNetworkInterfaceAttribute = write(contract.ModifyNetworkInterfaceAttribute, {
  permission: 'ecs:ModifyNetworkInterfaceAttribute',
  places: 'nowhere',
  resources: (request) => [`eni/${request.NetworkInterfaceId}`],
  async run(ctx, request) {
    refuseUnoffered({ EnablePrimaryIPv6: request.EnablePrimaryIPv6 })
    const groups = (request.SecurityGroupId ?? []).filter((id) => id !== '')
    await ctx.vpc.networkInterfaces.modify(ctx.db, ctx, request.NetworkInterfaceId, {
      name: request.NetworkInterfaceName,
      description: request.Description,
      securityGroupIds: groups.length > 0 ? groups : undefined,
      deleteOnRelease: request.DeleteOnRelease,
      sourceDestCheck: request.SourceDestCheck,
    })
    return {}
  },
})
