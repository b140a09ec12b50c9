import * as contract from '@pileus/contract/generated/ecs'
import { apiError, commonErrors } from '@pileus/kernel/errors'
import { setTags } from '@pileus/kernel/tags'
import { tagsOf } from '../domain/tag-parameters.ts'
import { write } from '../operation.ts'
import { getTagKeys, parseResourceType, tagOwnerOf } from '../tag-targets.ts'

export const TagResources = write(contract.TagResources, {
  permission: 'ecs:TagResources',
  resources: (request) => request.ResourceId.map((id) => `${request.ResourceType.toLowerCase()}/${id}`),
  places: (_request, regionId) => regionId,
  async run(ctx, request) {
    const type = parseResourceType(request.ResourceType)
    const tags = tagsOf(request.Tag)
    if (tags.length === 0) throw apiError(commonErrors.MissingParameter, { parameter: 'Tag.1.Key' })
    await setTags(ctx.db, tagOwnerOf(ctx, type), await getTagKeys(ctx, type, request.ResourceId), tags)
    return {}
  },
})
