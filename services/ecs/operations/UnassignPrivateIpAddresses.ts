import * as contract from '@pileus/contract/generated/ecs'
import { parseIdList } from '../domain/id-lists.ts'
import { refuseUnoffered } from '../network-parameters.ts'
import { write } from '../operation.ts'

/** Takes secondary private addresses off a network interface. */
export const UnassignPrivateIpAddresses = write(contract.UnassignPrivateIpAddresses, {
  permission: 'ecs:UnassignPrivateIpAddresses',
  places: 'nowhere',
  resources: (request) => [`eni/${request.NetworkInterfaceId}`],
  async run(ctx, request) {
    refuseUnoffered({ Ipv4Prefix: request.Ipv4Prefix })
    const ips = parseIdList('PrivateIpAddress', request.PrivateIpAddress, 50)
    await ctx.vpc.networkInterfaces.unassignIps(ctx.db, ctx, request.NetworkInterfaceId, ips)
    return {}
  },
})
