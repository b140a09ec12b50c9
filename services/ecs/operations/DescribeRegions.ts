import * as contract from '@pileus/contract/generated/ecs'
import { regionName } from '@pileus/world/regions'
import { read } from '../operation.ts'

/** The regions that this installation serves. */
export const DescribeRegions = read(contract.DescribeRegions, {
  permission: 'ecs:DescribeRegions',
  places: 'nowhere',
  async run(ctx, request) {
    return {
      Regions: {
        Region: ctx.hosted.regions.map((region) => ({
          RegionId: region.id,
          LocalName: regionName(region, request.AcceptLanguage || ctx.language),
          RegionEndpoint: region.endpoints.ecs,
          Status: 'available',
        })),
      },
    }
  },
})
