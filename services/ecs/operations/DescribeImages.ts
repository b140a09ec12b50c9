import * as contract from '@pileus/contract/generated/ecs'
import { apiError, commonErrors } from '@pileus/kernel/errors'
import { parsePage } from '@pileus/kernel/pagination'
import { describeImage } from '../describe-image.ts'
import { findImages } from '../domain/image-filter.ts'
import { read } from '../operation.ts'
import { seenSince } from '../tables/hosts.ts'
import { listImages } from '../tables/images.ts'

/** The images that hosts which are in touch can boot; all of them are the system's. */
export const DescribeImages = read(contract.DescribeImages, {
  permission: 'ecs:DescribeImages',
  resources: () => ['image/*'],
  places: 'nowhere',
  async run(ctx, request) {
    if (request.DryRun) throw apiError(commonErrors.DryRunOperation)
    const page = parsePage({ PageNumber: request.PageNumber, PageSize: request.PageSize })
    const images = findImages(await listImages(ctx.db, seenSince(ctx.clock.now())), request)
    const { pageNumber, pageSize } = page.kind === 'number' ? page : { pageNumber: 1, pageSize: page.limit }
    return {
      Images: { Image: images.slice((pageNumber - 1) * pageSize, pageNumber * pageSize).map(describeImage) },
      RegionId: ctx.regionId,
      TotalCount: images.length,
      PageNumber: pageNumber,
      PageSize: pageSize,
    }
  },
})
