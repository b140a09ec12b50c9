import * as contract from '@pileus/contract/generated/kms'
import { removeTags } from '@pileus/kernel/tags'
import { write } from '../operation.ts'
import { findTagged, parseTagKeys, taggedResource } from '../tagging.ts'

/** Removes tags of a key or of a secret. */
export const UntagResource = write(contract.UntagResource, {
  permission: 'kms:UntagResource',
  resources: (request) => [taggedResource(request)],
  places: 'nowhere',
  async run(ctx, request) {
    const keys = parseTagKeys(request.TagKeys)
    const { owner, resourceId } = await findTagged(ctx, request)
    await removeTags(ctx.db, owner, [resourceId], keys)
    return {}
  },
})
