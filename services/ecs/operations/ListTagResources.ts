import * as contract from '@pileus/contract/generated/ecs'
import { apiError, commonErrors } from '@pileus/kernel/errors'
import { encodeToken, parsePage } from '@pileus/kernel/pagination'
import { listTagRows } from '@pileus/kernel/tags'
import { tagFilterOf } from '../domain/tag-parameters.ts'
import { read } from '../operation.ts'
import { listKeyPairNames } from '../tables/tagged-resources.ts'
import { findTagKeys, parseResourceType, tagOwnerOf } from '../tag-targets.ts'

const pageSize = 50

/** Tags of the resources named, of those that carry the tags given, or both. */
export const ListTagResources = read(contract.ListTagResources, {
  permission: 'ecs:ListTagResources',
  resources: (request) =>
    (request.ResourceId?.length ? request.ResourceId : ['*']).map(
      (id) => `${request.ResourceType.toLowerCase()}/${id}`,
    ),
  places: 'nowhere',
  async run(ctx, request) {
    const type = parseResourceType(request.ResourceType)
    const tags = tagFilterOf([
      ...(request.Tag ?? []),
      ...(request.TagFilter ?? []).map((filter) => ({ Key: filter.TagKey, Value: filter.TagValues?.[0] })),
    ])
    if (!request.ResourceId?.length && tags.length === 0) {
      throw apiError(commonErrors.MissingParameter, { parameter: 'ResourceId.1 or Tag.1.Key' })
    }
    const page = parsePage(
      { NextToken: request.NextToken, MaxResults: pageSize },
      { defaultSize: pageSize, maxSize: pageSize },
    )
    const keys = request.ResourceId?.length ? await findTagKeys(ctx, type, request.ResourceId) : undefined
    const after = page.kind === 'token' ? page.after : undefined
    const rows =
      keys?.size === 0
        ? []
        : await listTagRows(
            ctx.db,
            tagOwnerOf(ctx, type),
            { tags, ...(keys ? { resourceIds: [...keys.values()] } : {}) },
            { after, limit: pageSize + 1 },
          )
    const shown = rows.slice(0, pageSize)
    const last = shown.at(-1)
    const names =
      type === 'keypair'
        ? await listKeyPairNames(
            ctx.db,
            ctx,
            shown.map((row) => row.resource_id),
          )
        : undefined
    return {
      NextToken: rows.length > pageSize && last ? encodeToken(`${last.resource_id}\n${last.key}`) : '',
      TagResources: {
        TagResource: shown.map((row) => ({
          ResourceId: names?.get(row.resource_id) ?? row.resource_id,
          ResourceType: type,
          TagKey: row.key,
          TagValue: row.value,
        })),
      },
    }
  },
})
