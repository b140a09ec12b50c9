import * as contract from '@pileus/contract/generated/ecs'
import { removeTags } from '@pileus/kernel/tags'
import { write } from '../operation.ts'
import { getTagKeys, parseResourceType, tagOwnerOf } from '../tag-targets.ts'

/** Removes the tags named, or all of them when none is. */
export const RemoveTags = write(contract.RemoveTags, {
  permission: 'ecs:RemoveTags',
  resources: (request) => [`${request.ResourceType.toLowerCase()}/${request.ResourceId}`],
  places: 'nowhere',
  async run(ctx, request) {
    const type = parseResourceType(request.ResourceType)
    const ids = await getTagKeys(ctx, type, [request.ResourceId])
    const keys = (request.Tag ?? []).flatMap((tag) => (tag.Key ? [tag.Key] : []))
    await removeTags(ctx.db, tagOwnerOf(ctx, type), ids, keys.length > 0 ? keys : 'all')
    return {}
  },
})
