import * as contract from '@pileus/contract/generated/ecs'
import { apiError, commonErrors } from '@pileus/kernel/errors'
import { say } from '@pileus/kernel/messages/text'
import { refuseUnoffered } from '../network-parameters.ts'
import { write } from '../operation.ts'

/** Adds secondary private addresses to a network interface: those given, or as many as asked for. */
export const AssignPrivateIpAddresses = write(contract.AssignPrivateIpAddresses, {
  permission: 'ecs:AssignPrivateIpAddresses',
  places: 'nowhere',
  resources: (request) => [`eni/${request.NetworkInterfaceId}`],
  idempotentBy: (request) => request.ClientToken,
  async run(ctx, request) {
    refuseUnoffered({ Ipv4Prefix: request.Ipv4Prefix, Ipv4PrefixCount: request.Ipv4PrefixCount })
    const nicId = request.NetworkInterfaceId
    const added = await ctx.vpc.networkInterfaces.assignIps(ctx.db, ctx, nicId, wantedOf(request))
    return {
      AssignedPrivateIpAddressesSet: {
        NetworkInterfaceId: nicId,
        PrivateIpSet: { PrivateIpAddress: added },
        Ipv4PrefixSet: { Ipv4Prefixes: [] },
      },
    }
  },
})

function wantedOf(request: contract.AssignPrivateIpAddressesRequest): { ips: string[]; count: number } {
  const ips = (request.PrivateIpAddress ?? []).filter((ip) => ip !== '')
  const count = request.SecondaryPrivateIpAddressCount ?? 0
  if (ips.length === 0 && count === 0) {
    throw apiError(commonErrors.MissingParameter, { parameter: 'SecondaryPrivateIpAddressCount' })
  }
  if (ips.length > 0 && count > 0) {
    throw apiError(commonErrors.InvalidParameter, {
      parameter: 'SecondaryPrivateIpAddressCount',
      reason: say`it cannot be given together with PrivateIpAddress.`,
    })
  }
  if (!Number.isInteger(count) || count < 0 || count > 49) {
    throw apiError(commonErrors.InvalidParameter, {
      parameter: 'SecondaryPrivateIpAddressCount',
      reason: say`it must be an integer from 1 to 49, and is ${count}.`,
    })
  }
  return { ips, count }
}
