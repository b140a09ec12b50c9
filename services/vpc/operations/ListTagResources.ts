import * as contract from '@pileus/contract/generated/vpc'
import { encodeToken, parsePage } from '@pileus/kernel/pagination'
import { listTagRows } from '@pileus/kernel/tags'
import { read } from '../operation.ts'
import { parseTaggedKind } from '../tables/tagged-resources.ts'
import { parseTagFilters, tagOwner } from '../tables/tags.ts'

/** Lists tags of resources, by resource and key. */
export const ListTagResources = read(contract.ListTagResources, {
  permission: 'vpc:ListTagResources',
  places: 'nowhere',
  resources: (request) =>
    (request.ResourceId?.length ? request.ResourceId : ['*']).map(
      (id) => `${request.ResourceType.toLowerCase()}/${id}`,
    ),
  async run(ctx, request) {
    const kind = parseTaggedKind(request.ResourceType)
    const page = parsePage(
      { MaxResults: request.MaxResults ?? 50, NextToken: request.NextToken },
      { defaultSize: 50, maxSize: 100 },
    )
    if (page.kind !== 'token') throw new Error('a token page was asked for')
    const found = await listTagRows(
      ctx.db,
      tagOwner(ctx, 'vpc', kind),
      {
        resourceIds: (request.ResourceId ?? []).filter((id) => id !== ''),
        tags: parseTagFilters(request.Tag),
      },
      { after: page.after, limit: page.limit + 1 },
    )
    const rows = found.slice(0, page.limit)
    const last = rows.at(-1)
    return {
      NextToken: found.length > page.limit && last ? encodeToken(`${last.resource_id}\n${last.key}`) : '',
      TagResources: {
        TagResource: rows.map((row) => ({
          ResourceType: kind.toUpperCase(),
          ResourceId: row.resource_id,
          TagKey: row.key,
          TagValue: row.value,
        })),
      },
    }
  },
})
