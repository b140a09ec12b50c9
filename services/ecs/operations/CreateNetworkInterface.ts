import * as contract from '@pileus/contract/generated/ecs'
import { apiError, commonErrors } from '@pileus/kernel/errors'
import { say } from '@pileus/kernel/messages/text'
import { describeNewNetworkInterface } from '../describe-network-interface.ts'
import { tagsOf } from '../domain/tag-parameters.ts'
import { given, refuseUnoffered } from '../network-parameters.ts'
import { write } from '../operation.ts'

/** Makes a secondary network interface with its addresses; attaching it comes later. */
export const CreateNetworkInterface = write(contract.CreateNetworkInterface, {
  permission: 'ecs:CreateNetworkInterface',
  places: (_request, regionId) => regionId,
  resources: (request) => [
    'eni/*',
    ...[request.SecurityGroupId, ...(request.SecurityGroupIds ?? [])].flatMap((id) =>
      id ? `securitygroup/${id}` : [],
    ),
  ],
  idempotentBy: (request) => request.ClientToken,
  async run(ctx, request) {
    const { Ipv4Prefix, Ipv4PrefixCount, Ipv6Address, Ipv6AddressCount, Ipv6Prefix, Ipv6PrefixCount } = request
    const { EnablePrimaryIPv6 } = request
    refuseUnoffered({
      Ipv4Prefix,
      Ipv4PrefixCount,
      Ipv6Address,
      Ipv6AddressCount,
      Ipv6Prefix,
      Ipv6PrefixCount,
      EnablePrimaryIPv6,
    })
    if (request.InstanceType && request.InstanceType !== 'Secondary') {
      throw apiError(commonErrors.InvalidParameter, {
        parameter: 'InstanceType',
        reason: say`network interfaces that are made on their own are Secondary.`,
      })
    }
    if (request.NetworkInterfaceTrafficMode && request.NetworkInterfaceTrafficMode !== 'Standard') {
      throw apiError(commonErrors.InvalidParameter, {
        parameter: 'NetworkInterfaceTrafficMode',
        reason: say`this cloud has the mode Standard only.`,
      })
    }
    const tags = tagsOf(request.Tag)
    const nic = await ctx.vpc.networkInterfaces.create(ctx.db, ctx, {
      vswitchId: request.VSwitchId,
      securityGroupIds: groupsOf(request),
      primaryIp: given(request.PrimaryIpAddress),
      secondaryIps: (request.PrivateIpAddress ?? []).filter((ip) => ip !== '' && ip !== request.PrimaryIpAddress),
      secondaryCount: countOf(request),
      name: request.NetworkInterfaceName,
      description: request.Description,
      deleteOnRelease: request.DeleteOnRelease ?? true,
      sourceDestCheck: request.SourceDestCheck ?? false,
      resourceGroupId: request.ResourceGroupId,
      tags,
    })
    return describeNewNetworkInterface(nic, tags)
  },
})

function groupsOf(request: contract.CreateNetworkInterfaceRequest): string[] {
  const several = (request.SecurityGroupIds ?? []).filter((id) => id !== '')
  const one = given(request.SecurityGroupId)
  if (one !== undefined && several.length > 0) {
    throw apiError(commonErrors.InvalidParameter, {
      parameter: 'SecurityGroupIds',
      reason: say`it cannot be given together with SecurityGroupId.`,
    })
  }
  return one === undefined ? several : [one]
}

function countOf(request: contract.CreateNetworkInterfaceRequest): number {
  const count = request.SecondaryPrivateIpAddressCount ?? 0
  if (count > 0 && (request.PrivateIpAddress ?? []).length > 0) {
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
  return count
}
