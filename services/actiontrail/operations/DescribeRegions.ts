import * as contract from '@pileus/contract/generated/actiontrail'
import { regionName } from '@pileus/world/regions'
import { read } from '../operation.ts'

/** The regions that this installation serves. */
export const DescribeRegions = read(contract.DescribeRegions, {
  permission: 'actiontrail:DescribeRegions',
  places: 'nowhere',
  async run(ctx, request) {
    return {
      Regions: {
        Region: ctx.hosted.regions.map((region) => ({
          RegionId: region.id,
          LocalName: regionName(region, request.AcceptLanguage || ctx.language),
          RegionEndpoint: `actiontrail.${region.id}.aliyuncs.com`,
        })),
      },
    }
  },
})
