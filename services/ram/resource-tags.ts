import type { AccountId } from '@pileus/kernel/ids'
import type { Db } from '@pileus/kernel/store/store'
import { listTagRows, maxTagsPerResource } from '@pileus/kernel/tags'
import type { FindResourceTags } from './decide.ts'

/** Products whose ARNs name resources as the table of tags does, by kind and id. */
const taggedProducts = new Set(['ecs', 'vpc'])

/** Looks up tags by ARN, such as `acs:ecs:cn-hangzhou:1234567890123456:instance/i-1`. */
export function createTagFinder(db: Db): FindResourceTags {
  return async (arn, accountId) => {
    const [, product = '', regionId = '', owner, resourceType = '', id] =
      /^acs:([^:]*):([^:]*):([^:]*):([a-z]+)\/([\w.-]+)$/.exec(arn) ?? []
    if (id === undefined || !taggedProducts.has(product) || owner !== accountId) return undefined
    const tagOwner = { accountId: owner as AccountId, regionId, product, resourceType }
    const tags = await listTagRows(db, tagOwner, { resourceIds: [id] }, { after: undefined, limit: maxTagsPerResource })
    return Object.fromEntries(tags.map((tag) => [tag.key, tag.value]))
  }
}
