import * as contract from '@pileus/contract/generated/kms'
import { parseTags, setTags } from '@pileus/kernel/tags'
import { parseTagList } from '../domain/parameters.ts'
import { write } from '../operation.ts'
import { findTagged, taggedResource } from '../tagging.ts'

/** Sets tags of a key or of a secret. */
export const TagResource = write(contract.TagResource, {
  permission: 'kms:TagResource',
  resources: (request) => [taggedResource(request)],
  places: 'nowhere',
  async run(ctx, request) {
    const tags = parseTags(parseTagList(request.Tags))
    const { owner, resourceId } = await findTagged(ctx, request)
    await setTags(ctx.db, owner, [resourceId], tags)
    return {}
  },
})
