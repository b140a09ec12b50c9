import * as contract from '@pileus/contract/generated/ecs'
import { zoneName } from '@pileus/world/regions'
import { diskCategories } from '../domain/disks.ts'
import { instanceTypes } from '../domain/instance-types.ts'
import { read } from '../operation.ts'

const typeIds = instanceTypes.map((type) => type.id)
const familyIds = [...new Set(instanceTypes.map((type) => type.family))]
const generations = [...new Set(instanceTypes.map((type) => type.generation))]
const categoryIds = diskCategories.map((category) => category.id)

export const DescribeZones = read(contract.DescribeZones, {
  permission: 'ecs:DescribeZones',
  places: 'nowhere',
  async run(ctx, request) {
    const zones = ctx.hosted.get(ctx.regionId).zones
    return {
      Zones: {
        Zone: zones.map((zone) => ({
          ZoneId: zone.id,
          LocalName: zoneName(zone, request.AcceptLanguage || ctx.language),
          ZoneType: 'AvailabilityZone',
          AvailableResourceCreation: { ResourceTypes: ['VSwitch', 'IoOptimized', 'Instance', 'Disk'] },
          AvailableInstanceTypes: { InstanceTypes: typeIds },
          AvailableDiskCategories: { DiskCategories: categoryIds },
          AvailableVolumeCategories: { VolumeCategories: [] },
          AvailableDedicatedHostTypes: { DedicatedHostType: [] },
          DedicatedHostGenerations: { DedicatedHostGeneration: [] },
          AvailableResources: {
            ResourcesInfo: [
              {
                IoOptimized: true,
                NetworkTypes: { supportedNetworkCategory: ['vpc'] },
                InstanceTypes: { supportedInstanceType: typeIds },
                InstanceTypeFamilies: { supportedInstanceTypeFamily: familyIds },
                InstanceGenerations: { supportedInstanceGeneration: generations },
                SystemDiskCategories: { supportedSystemDiskCategory: categoryIds },
                DataDiskCategories: { supportedDataDiskCategory: categoryIds },
              },
            ],
          },
        })),
      },
    }
  },
})
