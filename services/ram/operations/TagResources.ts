import * as contract from '@pileus/contract/generated/ram'
import { setTags } from '@pileus/kernel/tags'
import { write } from '../operation.ts'
import { tagOwner } from '../tables/tagged.ts'
import { getTagged, parseNewTags, parseTaggedType, tagArns } from '../tagging.ts'

/** Sets tags of roles or policies. */
export const TagResources = write(contract.TagResources, {
  permission: 'ram:TagResources',
  resources: (request) => [...tagArns(request)],
  places: 'nowhere',
  scope: 'global',
  async run(ctx, request) {
    const type = parseTaggedType(request.ResourceType)
    const tags = parseNewTags(request.Tag)
    const resources = await getTagged(ctx, type, request.ResourceNames)
    await setTags(ctx.db, tagOwner(ctx.accountId, type), [...resources.keys()], tags)
    return {}
  },
})
