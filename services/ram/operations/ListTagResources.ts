import * as contract from '@pileus/contract/generated/ram'
import { encodeToken, parsePage } from '@pileus/kernel/pagination'
import { listTagRows } from '@pileus/kernel/tags'
import { read } from '../operation.ts'
import { tagOwner } from '../tables/tagged.ts'
import { findTagged, nameTagged, parseTagFilters, parseTaggedType, tagArns } from '../tagging.ts'

/** Tags of roles or policies, by resource. */
export const ListTagResources = read(contract.ListTagResources, {
  permission: 'ram:ListTagResources',
  resources: (request) => [...tagArns(request)],
  places: 'nowhere',
  scope: 'global',
  async run(ctx, request) {
    const type = parseTaggedType(request.ResourceType)
    const page = parsePage({ MaxResults: request.PageSize ?? 100, NextToken: request.NextToken })
    if (page.kind !== 'token') throw new Error('a page with a size and a token is a token page')
    const named = request.ResourceNames?.length ? await findTagged(ctx, type, request.ResourceNames) : undefined
    if (named?.size === 0) return { TagResources: [] }
    const filter = { tags: parseTagFilters(request.Tag), ...(named ? { resourceIds: [...named.keys()] } : {}) }
    const owner = tagOwner(ctx.accountId, type)
    const rows = await listTagRows(ctx.db, owner, filter, { after: page.after, limit: page.limit + 1 })
    const kept = rows.slice(0, page.limit)
    const last = kept.at(-1)
    const names = named ?? (await nameTagged(ctx, type, [...new Set(kept.map((row) => row.resource_id))]))
    const resources = kept.map((row) => ({
      ResourceType: type,
      ResourceName: names.get(row.resource_id) ?? row.resource_id,
      TagKey: row.key,
      TagValue: row.value,
    }))
    const isCut = rows.length > page.limit && last !== undefined
    return { TagResources: resources, ...(isCut ? { NextToken: encodeToken(`${last.resource_id}\n${last.key}`) } : {}) }
  },
})
