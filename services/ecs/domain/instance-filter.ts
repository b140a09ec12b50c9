/** From the parameters of DescribeInstances to what is looked for. */

import type { DescribeInstancesRequest } from '@pileus/contract/generated/ecs'
import { apiError, commonErrors } from '@pileus/kernel/errors'
import { say } from '@pileus/kernel/messages/text'
import type { InstanceFilter } from '../tables/instance-lists.ts'
import { parseJsonList } from './id-lists.ts'
import { tagFilterOf } from './tag-parameters.ts'

export interface ParsedFilter {
  filter: InstanceFilter
  /** What the network knows; undefined when nothing of it is asked. */
  network: { securityGroupId?: string; privateIps?: readonly string[] } | undefined
}

/** Instances here have none of these, so asking for one finds nothing. */
function asksForTheImpossible(request: DescribeInstancesRequest): boolean {
  const addresses = [
    request.EipAddresses,
    request.PublicIpAddresses,
    request.InnerIpAddresses,
    request.RdmaIpAddresses,
  ].some((text) => (parseJsonList('…IpAddresses', text)?.length ?? 0) > 0)
  return (
    addresses ||
    Boolean(request.HpcClusterId) ||
    Boolean(request.LockReason) ||
    (request.Ipv6Address?.length ?? 0) > 0 ||
    request.IoOptimized === false ||
    request.DeviceAvailable === false ||
    !isOneOf(request.InstanceChargeType, 'postpaid') ||
    !isOneOf(request.InstanceNetworkType, 'vpc') ||
    !isOneOf(request.InternetChargeType, 'paybytraffic')
  )
}

/** @throws InvalidInstanceIds.Malformed, InvalidParameter */
export function parseInstanceFilter(request: DescribeInstancesRequest): ParsedFilter {
  const privateIps = parseJsonList('PrivateIpAddresses', request.PrivateIpAddresses)
  const filter: InstanceFilter = {
    ids: asksForTheImpossible(request) ? [] : parseJsonList('InstanceIds', request.InstanceIds),
    name: request.InstanceName || undefined,
    status: parseStatus(request.Status),
    zoneId: request.ZoneId || undefined,
    vpcId: request.VpcId || undefined,
    vswitchId: request.VSwitchId || undefined,
    instanceType: request.InstanceType || undefined,
    instanceTypeFamily: request.InstanceTypeFamily || undefined,
    imageId: request.ImageId || undefined,
    keyPairName: request.KeyPairName || undefined,
    resourceGroupId: request.ResourceGroupId || undefined,
    httpEndpoint: request.HttpEndpoint || undefined,
    httpTokens: request.HttpTokens || undefined,
    httpHopLimit: request.HttpPutResponseHopLimit,
    createdSince: parseCreatedSince(request),
    tags: tagFilterOf(request.Tag),
  }
  const network = {
    ...(request.SecurityGroupId ? { securityGroupId: request.SecurityGroupId } : {}),
    ...(privateIps ? { privateIps } : {}),
  }
  return { filter, network: Object.keys(network).length > 0 ? network : undefined }
}

const statuses = ['Pending', 'Running', 'Starting', 'Stopping', 'Stopped']

function parseStatus(status: string | undefined): string | undefined {
  if (!status) return undefined
  if (statuses.includes(status)) return status
  throw apiError(commonErrors.InvalidParameter, {
    parameter: 'Status',
    reason: say`it must be ${statuses.join(', ')}, and is "${status}".`,
  })
}

function parseCreatedSince(request: DescribeInstancesRequest): Date | undefined {
  const text = request.Filter?.find((filter) => filter.Key === 'CreationStartTime')?.Value
  if (!text) return undefined
  const at = new Date(text)
  if (!Number.isNaN(at.getTime())) return at
  throw apiError(commonErrors.InvalidParameter, {
    parameter: 'Filter.N.Value',
    reason: say`"${text}" is not a time like 2026-02-23T12:46Z.`,
  })
}

function isOneOf(value: string | undefined, ...allowed: string[]): boolean {
  return !value || allowed.includes(value.toLowerCase())
}
