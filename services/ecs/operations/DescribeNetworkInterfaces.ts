import * as contract from '@pileus/contract/generated/ecs'
import { apiError, commonErrors } from '@pileus/kernel/errors'
import { say } from '@pileus/kernel/messages/text'
import { parsePage } from '@pileus/kernel/pagination'
import { listTags } from '@pileus/kernel/tags'
import type { NicFilter } from '@pileus/vpc/port'
import { describeAttachment, describeNetworkInterface } from '../describe-network-interface.ts'
import { given, pagingOf, parseTagConditions } from '../network-parameters.ts'
import { read } from '../operation.ts'

/** Lists network interfaces, primary ones included. */
export const DescribeNetworkInterfaces = read(contract.DescribeNetworkInterfaces, {
  permission: 'ecs:DescribeNetworkInterfaces',
  places: 'nowhere',
  resources: (request) =>
    (request.NetworkInterfaceId?.length ? request.NetworkInterfaceId : ['*']).map((id) => `eni/${id}`),
  async run(ctx, request) {
    const page = parsePage(request, { defaultSize: 10, maxSize: 500 })
    const listed = await ctx.vpc.networkInterfaces.list(ctx.db, ctx, filterOf(request), page)
    const tags = await listTags(
      ctx.db,
      { product: 'ecs', resourceType: 'eni' },
      listed.items.map((nic) => nic.nicId),
    )
    return {
      ...pagingOf(page, listed),
      NetworkInterfaceSets: {
        NetworkInterfaceSet: listed.items.map((nic) => ({
          ...describeNetworkInterface(nic, tags.get(nic.nicId) ?? []),
          Attachment: describeAttachment(nic),
          AssociatedPublicIp: {},
        })),
      },
    }
  },
})

function filterOf(request: contract.DescribeNetworkInterfacesRequest): NicFilter {
  const ids = (request.NetworkInterfaceId ?? []).filter((id) => id !== '')
  // No interface has an IPv6 address, and none is managed by another service.
  const none = (request.Ipv6Address ?? []).length > 0 || request.ServiceManaged
  return {
    nicIds: none ? [''] : ids.length > 0 ? ids : undefined,
    instanceId: given(request.InstanceId),
    vpcId: given(request.VpcId),
    vswitchId: given(request.VSwitchId),
    securityGroupId: given(request.SecurityGroupId),
    primaryIp: given(request.PrimaryIpAddress),
    privateIps: (request.PrivateIpAddress ?? []).filter((ip) => ip !== ''),
    name: given(request.NetworkInterfaceName),
    status: parseStatus(given(request.Status)),
    type: parseType(given(request.Type)),
    resourceGroupId: given(request.ResourceGroupId),
    tags: parseTagConditions(request.Tag),
  }
}

function parseStatus(value: string | undefined): 'Available' | 'InUse' | undefined {
  if (value === undefined || value === 'Available' || value === 'InUse') return value
  throw apiError(commonErrors.InvalidParameter, {
    parameter: 'Status',
    reason: say`network interfaces are Available or InUse, and not "${value}".`,
  })
}

function parseType(value: string | undefined): 'Primary' | 'Secondary' | undefined {
  if (value === undefined || value === 'Primary' || value === 'Secondary') return value
  throw apiError(commonErrors.InvalidParameter, {
    parameter: 'Type',
    reason: say`it is Primary or Secondary, and not "${value}".`,
  })
}
