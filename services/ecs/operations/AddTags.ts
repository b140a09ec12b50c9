import * as contract from '@pileus/contract/generated/ecs'
import { setTags } from '@pileus/kernel/tags'
import { tagsOf } from '../domain/tag-parameters.ts'
import { write } from '../operation.ts'
import { getTagKeys, parseResourceType, tagOwnerOf } from '../tag-targets.ts'

export const AddTags = write(contract.AddTags, {
  permission: 'ecs:AddTags',
  resources: (request) => [`${request.ResourceType.toLowerCase()}/${request.ResourceId}`],
  places: (_request, regionId) => regionId,
  async run(ctx, request) {
    const type = parseResourceType(request.ResourceType)
    const ids = await getTagKeys(ctx, type, [request.ResourceId])
    await setTags(ctx.db, tagOwnerOf(ctx, type), ids, tagsOf(request.Tag))
    return {}
  },
})
