import type { Db } from '@pileus/kernel/store/store'
import { type TagOwner, taggedWith } from '@pileus/kernel/tags'
import type { Owner } from '../port.ts'

export interface TagFilter {
  key: string
  value?: string | undefined
}

/** Whose tags: `vpc` tags vpc, vswitch and routetable; `ecs` tags securitygroup and eni. */
export function tagOwner(owner: Owner, product: 'vpc' | 'ecs', resourceType: string): TagOwner {
  return { accountId: owner.accountId, regionId: owner.regionId, product, resourceType }
}

/** Sub-select of the ids that carry the tag. */
export function taggedIds(db: Db, owner: TagOwner, tag: TagFilter) {
  return taggedWith(db, owner, tag)
}

/** `Tag.N` parameters as filters; entries without a key filter nothing. */
export function parseTagFilters(
  given: readonly { Key?: string | undefined; Value?: string | undefined }[] | undefined,
): TagFilter[] {
  return (given ?? []).filter((tag) => tag.Key).map((tag) => ({ key: tag.Key ?? '', value: tag.Value }))
}
