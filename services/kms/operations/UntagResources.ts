import * as contract from '@pileus/contract/generated/kms'
import { removeTags } from '@pileus/kernel/tags'
import { write } from '../operation.ts'
import { findTaggedNamed, namedResource } from '../tagging.ts'

/** Removes tags of several keys or secrets; with All, every tag. */
export const UntagResources = write(contract.UntagResources, {
  permission: 'kms:UntagResources',
  resources: (request) => request.ResourceId.map((named) => namedResource(request.ResourceType, named)),
  places: 'nowhere',
  async run(ctx, request) {
    const keys = request.All === true && !request.TagKey?.length ? 'all' : (request.TagKey ?? [])
    for (const named of request.ResourceId) {
      const { owner, resourceId } = await findTaggedNamed(ctx, request.ResourceType, named)
      await removeTags(ctx.db, owner, [resourceId], keys)
    }
    return {}
  },
})
