import * as contract from '@pileus/contract/generated/kms'
import { read } from '../operation.ts'

/** Regions where keys can be kept. */
export const DescribeRegions = read(contract.DescribeRegions, {
  permission: 'kms:DescribeRegions',
  places: 'nowhere',
  async run(ctx) {
    return { Regions: { Region: ctx.hosted.regions.map((region) => ({ RegionId: region.id })) } }
  },
})
