import * as contract from '@pileus/contract/generated/ecs'
import { parsePage } from '@pileus/kernel/pagination'
import { groupTagCounts } from '../domain/tag-counts.ts'
import { tagFilterOf } from '../domain/tag-parameters.ts'
import { read } from '../operation.ts'
import { countTags } from '../tables/tagged-resources.ts'
import { findTagKeys, parseResourceType } from '../tag-targets.ts'

/** Tags in use, with how many resources of each type carry them. */
export const DescribeTags = read(contract.DescribeTags, {
  permission: 'ecs:DescribeTags',
  places: 'nowhere',
  async run(ctx, request) {
    const page = parsePage(
      { PageNumber: request.PageNumber, PageSize: request.PageSize },
      { defaultSize: 50, maxSize: 100 },
    )
    const type = request.ResourceType ? parseResourceType(request.ResourceType) : undefined
    const given = request.ResourceId || undefined
    const key = given && type ? ((await findTagKeys(ctx, type, [given])).get(given) ?? given) : given
    const counts = await countTags(ctx.db, ctx, {
      resourceType: type,
      resourceId: key,
      tags: tagFilterOf(request.Tag),
    })
    const tags = groupTagCounts(counts)
    const { pageNumber, pageSize } = page.kind === 'number' ? page : { pageNumber: 1, pageSize: page.limit }
    return {
      Tags: { Tag: tags.slice((pageNumber - 1) * pageSize, pageNumber * pageSize) },
      TotalCount: tags.length,
      PageNumber: pageNumber,
      PageSize: pageSize,
    }
  },
})
