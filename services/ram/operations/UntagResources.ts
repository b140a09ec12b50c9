import * as contract from '@pileus/contract/generated/ram'
import { removeTags } from '@pileus/kernel/tags'
import { write } from '../operation.ts'
import { tagOwner } from '../tables/tagged.ts'
import { getTagged, parseTaggedType, tagArns } from '../tagging.ts'

/** Removes tags of roles or policies. */
export const UntagResources = write(contract.UntagResources, {
  permission: 'ram:UntagResources',
  resources: (request) => [...tagArns(request)],
  places: 'nowhere',
  scope: 'global',
  async run(ctx, request) {
    const type = parseTaggedType(request.ResourceType)
    const resources = await getTagged(ctx, type, request.ResourceNames)
    const keys = request.TagKeys?.length ? request.TagKeys : request.All === true ? 'all' : []
    await removeTags(ctx.db, tagOwner(ctx.accountId, type), [...resources.keys()], keys)
    return {}
  },
})
