import * as contract from '@pileus/contract/generated/kms'
import { parseTags, setTags } from '@pileus/kernel/tags'
import { write } from '../operation.ts'
import { findTaggedNamed, namedResource } from '../tagging.ts'

/** Sets tags of several keys or secrets. */
export const TagResources = write(contract.TagResources, {
  permission: 'kms:TagResources',
  resources: (request) => request.ResourceId.map((named) => namedResource(request.ResourceType, named)),
  places: 'nowhere',
  async run(ctx, request) {
    const tags = parseTags(request.Tag.map(({ Key = '', Value = '' }) => ({ Key, Value })))
    for (const named of request.ResourceId) {
      const { owner, resourceId } = await findTaggedNamed(ctx, request.ResourceType, named)
      await setTags(ctx.db, owner, [resourceId], tags)
    }
    return {}
  },
})
