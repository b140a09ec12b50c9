/** Filters of DescribeInstanceTypes. */
import type { DescribeInstanceTypesRequest } from '@pileus/contract/generated/ecs'
import { type InstanceType, instanceTypes, memoryGiB } from './instance-types.ts'

type Bound = readonly [parameter: keyof DescribeInstanceTypesRequest, value: (type: InstanceType) => number]

const minimums: readonly Bound[] = [
  ['MinimumCpuCoreCount', (type) => type.vcpus],
  ['MinimumMemorySize', memoryGiB],
  ['MinimumEniQuantity', (type) => type.eniQuantity],
  ['MinimumEniPrivateIpAddressQuantity', (type) => type.eniPrivateIpAddressQuantity],
  ['MinimumEniIpv6AddressQuantity', () => 0],
  ['MinimumEriQuantity', () => 0],
  ['MinimumGPUAmount', () => 0],
  ['MinimumLocalStorageAmount', () => 0],
  ['MinimumLocalStorageCapacity', () => 0],
  ['MinimumDiskQuantity', () => 17],
  ['MinimumCpuSpeedFrequency', (type) => type.clockGHz],
  ['MinimumCpuTurboFrequency', (type) => type.clockGHz],
  ['MinimumInstanceBandwidthRx', (type) => type.bandwidthBps / 1000],
  ['MinimumInstanceBandwidthTx', (type) => type.bandwidthBps / 1000],
  ['MinimumInstancePpsRx', (type) => type.packetsPerSecond],
  ['MinimumInstancePpsTx', (type) => type.packetsPerSecond],
  ['MinimumPrimaryEniQueueNumber', (type) => type.queuesPerEni],
  ['MinimumSecondaryEniQueueNumber', (type) => type.queuesPerEni],
  ['MinimumInitialCredit', (type) => type.credits?.initial ?? 0],
  ['MinimumBaselineCredit', (type) => type.credits?.baselinePerHour ?? 0],
]

const maximums: readonly Bound[] = [
  ['MaximumCpuCoreCount', (type) => type.vcpus],
  ['MaximumMemorySize', memoryGiB],
  ['MaximumCpuSpeedFrequency', (type) => type.clockGHz],
  ['MaximumCpuTurboFrequency', (type) => type.clockGHz],
]

/** Values that a type must have one of, when any are given. */
function isIn(value: string, one: string | undefined, many: readonly string[] | undefined): boolean {
  const wanted = [...(one ? [one] : []), ...(many ?? [])].map((text) => text.toLowerCase())
  return wanted.length === 0 || wanted.includes(value.toLowerCase())
}

/** Types that have all that is asked, in the order of the catalogue. */
export function findTypes(request: DescribeInstanceTypesRequest): InstanceType[] {
  return instanceTypes.filter(
    (type) =>
      isIn(type.id, undefined, request.InstanceTypes) &&
      isIn(type.family, request.InstanceTypeFamily, request.InstanceTypeFamilies) &&
      isIn(type.category, request.InstanceCategory, request.InstanceCategories) &&
      isIn(type.level, request.InstanceFamilyLevel, undefined) &&
      isIn('X86', request.CpuArchitecture, request.CpuArchitectures) &&
      isIn(type.processor, request.PhysicalProcessorModel, request.PhysicalProcessorModels) &&
      isIn('', request.GPUSpec, request.GpuSpecs) &&
      isIn('', request.LocalStorageCategory, request.LocalStorageCategories) &&
      isIn('unsupported', request.NvmeSupport, undefined) &&
      minimums.every(([parameter, value]) => value(type) >= numberOf(request, parameter, 0)) &&
      maximums.every(([parameter, value]) => value(type) <= numberOf(request, parameter, Number.POSITIVE_INFINITY)),
  )
}

function numberOf(
  request: DescribeInstanceTypesRequest,
  parameter: keyof DescribeInstanceTypesRequest,
  otherwise: number,
): number {
  const value = request[parameter]
  return typeof value === 'number' ? value : otherwise
}
