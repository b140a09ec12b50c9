import * as contract from '@pileus/contract/generated/vpc'
import { removeTags } from '@pileus/kernel/tags'
import { parseIds } from '../domain/tags.ts'
import { write } from '../operation.ts'
import { lockTagged, parseTaggedKind } from '../tables/tagged-resources.ts'
import { tagOwner } from '../tables/tags.ts'

/** Removes tags by key, or, without keys, all of them when `All` says so. */
export const UnTagResources = write(contract.UnTagResources, {
  permission: 'vpc:UnTagResources',
  places: 'nowhere',
  resources: (request) => request.ResourceId.map((id) => `${request.ResourceType.toLowerCase()}/${id}`),
  async run(ctx, request) {
    const kind = parseTaggedKind(request.ResourceType)
    const ids = parseIds(request.ResourceId)
    const keys = (request.TagKey ?? []).filter((key) => key !== '')
    await lockTagged(ctx.db, ctx, kind, ids)
    await removeTags(ctx.db, tagOwner(ctx, 'vpc', kind), ids, keys.length === 0 && request.All ? 'all' : keys)
    return {}
  },
})
