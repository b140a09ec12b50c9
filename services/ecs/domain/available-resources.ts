/** What DescribeAvailableResource answers, from the free room of the hosts. Pure. */
import type {
  DescribeAvailableResourceResponseAvailableZonesAvailableZone as AvailableZone,
  DescribeAvailableResourceRequest,
} from '@pileus/contract/generated/ecs'
import { apiError, commonErrors } from '@pileus/kernel/errors'
import type { Zone } from '@pileus/world/regions'
import { diskCategories } from './disks.ts'
import { type InstanceType, instanceTypes, memoryGiB } from './instance-types.ts'
import { oneOf } from './plan-instances.ts'

interface Room {
  vcpus: number
  memoryMiB: number
}

const destinations = ['Zone', 'IoOptimized', 'InstanceType', 'SystemDisk', 'DataDisk', 'Network', 'ddh'] as const

/** @throws MissingParameter, InvalidParameter */
export function availableResources(
  request: DescribeAvailableResourceRequest,
  regionId: string,
  zones: readonly Zone[],
  rooms: ReadonlyMap<string, readonly Room[]>,
): AvailableZone[] {
  if (!request.DestinationResource) {
    throw apiError(commonErrors.MissingParameter, { parameter: 'DestinationResource' })
  }
  const destination = oneOf('DestinationResource', request.DestinationResource, destinations)
  if (!isOffered(request)) return []
  const types = instanceTypes.filter((type) => isWanted(type, request))
  return zones
    .filter((zone) => !request.ZoneId || zone.id === request.ZoneId)
    .map((zone) => {
      const inStock = types.filter((type) => hasRoom(rooms.get(zone.id), type))
      const resources = resourcesOf(destination, types, new Set(inStock))
      return {
        RegionId: regionId,
        ZoneId: zone.id,
        ...stockStatus(inStock.length > 0),
        AvailableResources: { AvailableResource: resources },
      }
    })
}

function isOffered(request: DescribeAvailableResourceRequest): boolean {
  const charge = (request.InstanceChargeType || 'PostPaid').toLowerCase()
  const spot = (request.SpotStrategy || 'NoSpot').toLowerCase()
  const network = (request.NetworkCategory || 'vpc').toLowerCase()
  const io = (request.IoOptimized || 'optimized').toLowerCase()
  return charge === 'postpaid' && spot === 'nospot' && network === 'vpc' && io !== 'none'
}

function isWanted(type: InstanceType, request: DescribeAvailableResourceRequest): boolean {
  return (
    (!request.InstanceType || type.id === request.InstanceType) &&
    (request.Cores === undefined || type.vcpus === request.Cores) &&
    (request.Memory === undefined || memoryGiB(type) === request.Memory)
  )
}

function hasRoom(rooms: readonly Room[] | undefined, type: InstanceType): boolean {
  return rooms?.some((room) => room.vcpus >= type.vcpus && room.memoryMiB >= type.memoryMiB) ?? false
}

function stockStatus(inStock: boolean) {
  return inStock
    ? { Status: 'Available', StatusCategory: 'WithStock' }
    : { Status: 'SoldOut', StatusCategory: 'WithoutStock' }
}

function resourcesOf(
  destination: (typeof destinations)[number],
  types: readonly InstanceType[],
  inStock: ReadonlySet<InstanceType>,
) {
  const any = inStock.size > 0
  const simple = (type: string, values: readonly string[]) => [
    { Type: type, SupportedResources: { SupportedResource: values.map((Value) => ({ Value, ...stockStatus(any) })) } },
  ]
  switch (destination) {
    case 'InstanceType':
    case 'Zone':
      return [
        {
          Type: 'InstanceType',
          SupportedResources: {
            SupportedResource: types.map((type) => ({ Value: type.id, ...stockStatus(inStock.has(type)) })),
          },
        },
      ]
    case 'IoOptimized':
      return simple('IoOptimized', ['optimized'])
    case 'Network':
      return simple('Network', ['vpc'])
    case 'ddh':
      return []
    case 'SystemDisk':
    case 'DataDisk':
      return [
        {
          Type: destination,
          SupportedResources: {
            SupportedResource: diskCategories.map((category) => ({
              Value: category.id,
              Min: category.minGiB,
              Max: destination === 'SystemDisk' ? 2048 : category.maxGiB,
              Unit: 'GiB',
              ...stockStatus(any),
            })),
          },
        },
      ]
  }
}
