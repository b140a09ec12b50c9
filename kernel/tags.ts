/** Tags of resources of every product: one table, written in the resource's own transaction. */

import { apiError, errorCatalogue } from './errors.ts'
import type { AccountId } from './ids.ts'
import { say } from './messages/text.ts'
import { type Db, tablesOf } from './store/store.ts'

export interface TagRow {
  account_id: string
  region_id: string
  product: string
  resource_type: string
  resource_id: string
  key: string
  value: string
}

interface Tables {
  'kernel.tags': TagRow
}

export interface Tag {
  key: string
  value: string
}

export interface TagOwner {
  accountId: AccountId
  regionId: string
  /** Such as `ecs`. */
  product: string
  /** Such as `instance`, lower case. */
  resourceType: string
}

/** Codes of tag parameters. @see docs/sources.md#errors */
export const tagErrors = errorCatalogue({
  'InvalidTagKey.Malformed': [400, 'The tag key "{key}" is not valid: {reason}'],
  'InvalidTagValue.Malformed': [400, 'The value of tag "{key}" is not valid: {reason}'],
  'InvalidTagKey.Duplicate': [400, 'The tag key "{key}" is given more than once.'],
  'NumberExceed.Tags': [400, 'A resource can have {limit} tags at most; this request leads to {count}.'],
})

export const maxTagsPerResource = 20

/**
 * Reads `Tag.N.Key/Value` parameters. Keys: 1 to 128 characters, not starting with `aliyun` or `acs:`; values: up
 * to 128 characters; neither holds `http://` or `https://`.
 */
export function parseTags(
  given: readonly { Key?: string; Value?: string; key?: string; value?: string }[] | undefined,
): Tag[] {
  const tags = (given ?? []).map((tag) => ({ key: tag.Key ?? tag.key ?? '', value: tag.Value ?? tag.value ?? '' }))
  const seen = new Set<string>()
  for (const { key, value } of tags) {
    const fault = keyFault(key)
    if (fault) throw apiError(tagErrors['InvalidTagKey.Malformed'], { key, reason: fault })
    if (value.length > 128 || /https?:\/\//.test(value)) {
      throw apiError(tagErrors['InvalidTagValue.Malformed'], {
        key,
        reason: say`at most 128 characters, without http:// or https://.`,
      })
    }
    if (seen.has(key)) throw apiError(tagErrors['InvalidTagKey.Duplicate'], { key })
    seen.add(key)
  }
  if (tags.length > maxTagsPerResource) {
    throw apiError(tagErrors['NumberExceed.Tags'], { limit: maxTagsPerResource, count: tags.length })
  }
  return tags
}

function keyFault(key: string): string | undefined {
  if (key === '') return 'it must not be empty.'
  if (key.length > 128) return 'at most 128 characters.'
  if (/^(aliyun|acs:)/i.test(key)) return 'keys that begin with "aliyun" or "acs:" are reserved.'
  if (/https?:\/\//.test(key)) return 'it must not hold http:// or https://.'
  return undefined
}

/** Adds tags, replacing values of keys that are there. @throws NumberExceed.Tags beyond 20 a resource. */
export async function setTags(
  db: Db,
  owner: TagOwner,
  resourceIds: readonly string[],
  tags: readonly Tag[],
): Promise<void> {
  if (tags.length === 0 || resourceIds.length === 0) return
  const rows = resourceIds.flatMap((resourceId) =>
    tags.map((tag) => ({ ...ownerColumns(owner), resource_id: resourceId, key: tag.key, value: tag.value })),
  )
  const tables = tablesOf<Tables>(db)
  await tables
    .insertInto('kernel.tags')
    .values(rows)
    .onConflict((conflict) =>
      conflict
        .columns(['product', 'resource_type', 'resource_id', 'key'])
        .doUpdateSet((set) => ({ value: set.ref('excluded.value') })),
    )
    .execute()
  const over = await tables
    .selectFrom('kernel.tags')
    .select(({ fn }) => ['resource_id', fn.countAll<number>().as('count')])
    .where('product', '=', owner.product)
    .where('resource_type', '=', owner.resourceType)
    .where('resource_id', 'in', resourceIds)
    .groupBy('resource_id')
    .having(({ fn }) => fn.countAll(), '>', maxTagsPerResource)
    .executeTakeFirst()
  if (over) throw apiError(tagErrors['NumberExceed.Tags'], { limit: maxTagsPerResource, count: over.count })
}

/** Removes the given keys, or all tags when `keys` is `all`. */
export async function removeTags(
  db: Db,
  owner: Pick<TagOwner, 'product' | 'resourceType'>,
  resourceIds: readonly string[],
  keys: readonly string[] | 'all',
): Promise<void> {
  if (resourceIds.length === 0 || keys.length === 0) return
  let removal = tablesOf<Tables>(db)
    .deleteFrom('kernel.tags')
    .where('product', '=', owner.product)
    .where('resource_type', '=', owner.resourceType)
    .where('resource_id', 'in', resourceIds)
  if (keys !== 'all') removal = removal.where('key', 'in', keys)
  await removal.execute()
}

/** Tags of each resource, ordered by key; resources without tags are absent. */
export async function listTags(
  db: Db,
  owner: Pick<TagOwner, 'product' | 'resourceType'>,
  resourceIds: readonly string[],
): Promise<Map<string, Tag[]>> {
  const byResource = new Map<string, Tag[]>()
  if (resourceIds.length === 0) return byResource
  const rows = await tablesOf<Tables>(db)
    .selectFrom('kernel.tags')
    .select(['resource_id', 'key', 'value'])
    .where('product', '=', owner.product)
    .where('resource_type', '=', owner.resourceType)
    .where('resource_id', 'in', resourceIds)
    .orderBy('resource_id')
    .orderBy('key')
    .execute()
  for (const row of rows) {
    const tags = byResource.get(row.resource_id) ?? []
    tags.push({ key: row.key, value: row.value })
    byResource.set(row.resource_id, tags)
  }
  return byResource
}

/** Tag rows of an account, filtered, in the order of (resource id, key), after the position `after` (`id\nkey`). */
export async function listTagRows(
  db: Db,
  owner: TagOwner,
  filter: { resourceIds?: readonly string[]; tags?: readonly { key: string; value?: string | undefined }[] },
  page: { after: string | undefined; limit: number },
): Promise<TagRow[]> {
  let rows = tablesOf<Tables>(db)
    .selectFrom('kernel.tags')
    .selectAll()
    .where('account_id', '=', owner.accountId)
    .where('region_id', '=', owner.regionId)
    .where('product', '=', owner.product)
    .where('resource_type', '=', owner.resourceType)
  if (filter.resourceIds?.length) rows = rows.where('resource_id', 'in', filter.resourceIds)
  for (const tag of filter.tags ?? []) {
    rows = rows.where('resource_id', 'in', taggedWith(db, owner, tag))
  }
  if (page.after !== undefined) {
    const [resourceId = '', key = ''] = page.after.split('\n')
    rows = rows.where((where) =>
      where.or([
        where('resource_id', '>', resourceId),
        where.and([where('resource_id', '=', resourceId), where('key', '>', key)]),
      ]),
    )
  }
  return await rows.orderBy('resource_id').orderBy('key').limit(page.limit).execute()
}

/** Sub-select of the ids of resources that carry the tag; any value when none is given. */
export function taggedWith(db: Db, owner: TagOwner, tag: { key: string; value?: string | undefined }) {
  let ids = tablesOf<Tables>(db)
    .selectFrom('kernel.tags')
    .select('resource_id')
    .where('account_id', '=', owner.accountId)
    .where('region_id', '=', owner.regionId)
    .where('product', '=', owner.product)
    .where('resource_type', '=', owner.resourceType)
    .where('key', '=', tag.key)
  if (tag.value !== undefined && tag.value !== '') ids = ids.where('value', '=', tag.value)
  return ids
}

function ownerColumns(owner: TagOwner) {
  return {
    account_id: owner.accountId,
    region_id: owner.regionId,
    product: owner.product,
    resource_type: owner.resourceType,
  }
}
