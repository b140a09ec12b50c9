import * as contract from '@pileus/contract/generated/vpc'
import { regionName } from '@pileus/world/regions'
import { read } from '../operation.ts'

/** Lists the regions that this installation serves. */
export const DescribeRegions = read(contract.DescribeRegions, {
  permission: 'vpc:DescribeRegions',
  places: 'nowhere',
  resources: () => ['*'],
  async run(ctx, request) {
    const language = request.AcceptLanguage || ctx.language
    return {
      Regions: {
        Region: ctx.hosted.regions.map((region) => ({
          RegionId: region.id,
          LocalName: regionName(region, language),
          // Callers that came by one of the vendor's names get the name of the region's own.
          RegionEndpoint: /\.aliyuncs\.com(:\d+)?$/.test(ctx.endpoint) ? `vpc.${region.id}.aliyuncs.com` : ctx.endpoint,
        })),
      },
    }
  },
})
