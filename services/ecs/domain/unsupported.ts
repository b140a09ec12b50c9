/** Launch parameters that would change what is made, and that this cloud cannot honour: refused, never ignored. */

import { apiError, commonErrors } from '@pileus/kernel/errors'
import { say, type Text } from '@pileus/kernel/messages/text'
import { errors } from '../errors.ts'
import type { LaunchRequest } from './plan-instances.ts'

type Refusal = readonly [parameter: string, asksFor: (request: LaunchRequest) => unknown, reason: Text]

const noPublicAddress = say`this cloud gives instances no public addresses; leave it out or 0.`
const noDisk = say`this cloud makes system disks from images and data disks blank; leave it out.`

const refusals: readonly Refusal[] = [
  ['Password', (r) => r.Password, say`passwords are not set from outside; use KeyPairName or UserData.`],
  ['InternetMaxBandwidthOut', (r) => (r.InternetMaxBandwidthOut ?? 0) > 0, noPublicAddress],
  ['Ipv6AddressCount', (r) => (r.Ipv6AddressCount ?? 0) > 0, say`networks here are IPv4.`],
  ['Ipv6Address', (r) => r.Ipv6Address?.length, say`networks here are IPv4.`],
  ['LaunchTemplateId', (r) => r.LaunchTemplateId, say`launch templates are not offered.`],
  ['LaunchTemplateName', (r) => r.LaunchTemplateName, say`launch templates are not offered.`],
  ['DedicatedHostId', (r) => r.DedicatedHostId, say`dedicated hosts are not offered.`],
  ['Tenancy', (r) => r.Tenancy?.toLowerCase() === 'host', say`dedicated hosts are not offered.`],
  ['DeploymentSetId', (r) => r.DeploymentSetId, say`deployment sets are not offered.`],
  ['HpcClusterId', (r) => r.HpcClusterId, say`HPC clusters are not offered.`],
  ['StorageSetId', (r) => r.StorageSetId, say`storage sets are not offered.`],
  ['HibernationOptions.Configured', (r) => r.HibernationOptions?.Configured, say`hibernation is not offered.`],
  ['PrivatePoolOptions.Id', (r) => r.PrivatePoolOptions?.Id, say`capacity reservations are not offered.`],
  ['SecurityOptions.TrustedSystemMode', (r) => r.SecurityOptions?.TrustedSystemMode, say`vTPM is not offered.`],
  [
    'SecurityOptions.ConfidentialComputingMode',
    (r) => r.SecurityOptions?.ConfidentialComputingMode,
    say`confidential computing is not offered.`,
  ],
  ['DataDisk.N.SnapshotId', (r) => r.DataDisk?.some((disk) => disk.SnapshotId), noDisk],
  ['NetworkInterface.2', (r) => (r.NetworkInterface?.length ?? 0) > 1, say`attach secondary cards after the launch.`],
  [
    'NetworkInterface.1.InstanceType',
    (r) => r.NetworkInterface?.[0]?.InstanceType?.toLowerCase() === 'secondary',
    say`attach secondary cards after the launch.`,
  ],
  [
    'NetworkInterface.1.NetworkInterfaceId',
    (r) => r.NetworkInterface?.[0]?.NetworkInterfaceId,
    say`the primary card is made with the instance.`,
  ],
]

/** @throws InvalidParameter, InvalidInstanceChargeType.ValueNotSupported, InvalidSpotStrategy.ValueNotSupported */
export function refuseUnsupported(request: LaunchRequest): void {
  const charge = request.InstanceChargeType || 'PostPaid'
  if (charge.toLowerCase() !== 'postpaid') {
    throw apiError(errors['InvalidInstanceChargeType.ValueNotSupported'], { value: charge })
  }
  const spot = request.SpotStrategy || 'NoSpot'
  if (spot.toLowerCase() !== 'nospot') {
    throw apiError(errors['InvalidSpotStrategy.ValueNotSupported'], { value: spot })
  }
  for (const [parameter, asksFor, reason] of refusals) {
    if (asksFor(request)) throw apiError(commonErrors.InvalidParameter, { parameter, reason })
  }
}

export function isTrue(value: unknown): boolean {
  return value === true || String(value).toLowerCase() === 'true'
}
