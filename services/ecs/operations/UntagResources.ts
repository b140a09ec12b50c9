import * as contract from '@pileus/contract/generated/ecs'
import { removeTags } from '@pileus/kernel/tags'
import { write } from '../operation.ts'
import { getTagKeys, parseResourceType, tagOwnerOf } from '../tag-targets.ts'

/** Keys that are not there do no harm. Without keys and without `All`, nothing is removed. */
export const UntagResources = write(contract.UntagResources, {
  permission: 'ecs:UntagResources',
  resources: (request) => request.ResourceId.map((id) => `${request.ResourceType.toLowerCase()}/${id}`),
  places: 'nowhere',
  async run(ctx, request) {
    const type = parseResourceType(request.ResourceType)
    const ids = await getTagKeys(ctx, type, request.ResourceId)
    const keys = request.TagKey?.length ? request.TagKey : request.All ? 'all' : []
    await removeTags(ctx.db, tagOwnerOf(ctx, type), ids, keys)
    return {}
  },
})
