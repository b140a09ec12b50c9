import * as contract from '@pileus/contract/generated/vpc'
import { apiError } from '@pileus/kernel/errors'
import { setTags } from '@pileus/kernel/tags'
import { parseIds, tagsOf } from '../domain/tags.ts'
import { errors } from '../errors.ts'
import { write } from '../operation.ts'
import { lockTagged, parseTaggedKind } from '../tables/tagged-resources.ts'
import { tagOwner } from '../tables/tags.ts'

/** Adds tags to VPCs, vswitches or route tables; keys that are there get the new value. */
export const TagResources = write(contract.TagResources, {
  permission: 'vpc:TagResources',
  places: 'nowhere',
  resources: (request) => request.ResourceId.map((id) => `${request.ResourceType.toLowerCase()}/${id}`),
  async run(ctx, request) {
    const kind = parseTaggedKind(request.ResourceType)
    const tags = tagsOf(request.Tag)
    if (tags.length === 0) throw apiError(errors.MissingParameter, { parameter: 'Tag' })
    const ids = parseIds(request.ResourceId)
    await lockTagged(ctx.db, ctx, kind, ids)
    await setTags(ctx.db, tagOwner(ctx, 'vpc', kind), ids, tags)
    return {}
  },
})
