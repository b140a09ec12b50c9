import type { AccountId } from '@pileus/kernel/ids'
import type { TagOwner } from '@pileus/kernel/tags'
import { type RawBuilder, sql } from 'kysely'

export type TaggedType = 'role' | 'policy'

/** Tags of global resources carry no region. */
export function tagOwner(accountId: AccountId, resourceType: TaggedType): TagOwner {
  return { accountId, regionId: '', product: 'ram', resourceType }
}

/** One condition a tag: the resource has the key, with the value where one is given. */
export function withTags(
  resourceType: TaggedType,
  id: RawBuilder<unknown>,
  tags: readonly { key: string; value?: string | undefined }[],
): RawBuilder<boolean>[] {
  return tags.map(({ key, value }) => {
    const sameValue = value === undefined ? sql`true` : sql`value = ${value}`
    return sql<boolean>`exists (select from kernel.tags where product = 'ram' and resource_type = ${resourceType}
      and resource_id = ${id} and key = ${key} and ${sameValue})`
  })
}
