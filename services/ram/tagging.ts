/** Tags of roles and policies: requests name them, tags are kept by their ids. */
import { apiError } from '@pileus/kernel/errors'
import type { Db } from '@pileus/kernel/store/store'
import { listTags, parseTags, type Tag } from '@pileus/kernel/tags'
import { requireParameter } from './domain/parameters.ts'
import { ramErrors } from './errors.ts'
import type { RamContext } from './operation.ts'
import { listPoliciesByName, listPolicyNames } from './tables/policies.ts'
import { listRoleNames, listRolesByName } from './tables/roles.ts'
import type { TaggedType } from './tables/tagged.ts'

export function parseTaggedType(value: string | undefined): TaggedType {
  const type = requireParameter('ResourceType', value)
  if (type === 'role' || type === 'policy') return type
  throw apiError(ramErrors['InvalidParameter.ResourceType'], { value: type })
}

/** Resource parts of what a tag request names, for authorization. */
export function tagArns(request: {
  ResourceType?: string | undefined
  ResourceNames?: readonly string[] | undefined
}): string[] {
  const type = request.ResourceType ?? '*'
  return request.ResourceNames?.length ? request.ResourceNames.map((name) => `${type}/${name}`) : [`${type}/*`]
}

/** Tags to be set. @throws InvalidTagKey…, InvalidTagValue…, NumberExceed.Tags */
export function parseNewTags(
  given: readonly { Key?: string | undefined; Value?: string | undefined }[] | undefined,
): Tag[] {
  return parseTags((given ?? []).map((tag) => ({ Key: tag.Key ?? '', Value: tag.Value ?? '' })))
}

/** Tags that must be there; without a value, the key alone. */
export function parseTagFilters(
  given: readonly { Key?: string | undefined; Value?: string | undefined }[] | undefined,
): { key: string; value?: string | undefined }[] {
  return (given ?? []).flatMap((tag) => (tag.Key ? [{ key: tag.Key, value: tag.Value || undefined }] : []))
}

/** Names by id of the resources that exist. */
export async function findTagged(
  ctx: RamContext,
  type: TaggedType,
  names: readonly string[],
): Promise<Map<string, string>> {
  const list = type === 'role' ? listRolesByName : listPoliciesByName
  const found = await list(ctx.db, ctx.accountId, names)
  return new Map(found.map((one) => [one.id, one.name]))
}

/** As `findTagged`, of at least one name. @throws MissingParameter, EntityNotExist.Role, EntityNotExist.Policy */
export async function getTagged(
  ctx: RamContext,
  type: TaggedType,
  names: readonly string[] | undefined,
): Promise<Map<string, string>> {
  requireParameter('ResourceNames', names?.[0])
  const found = await findTagged(ctx, type, names ?? [])
  const known = new Set(found.values())
  const missing = names?.find((name) => !known.has(name))
  if (missing === undefined) return found
  if (type === 'role') throw apiError(ramErrors['EntityNotExist.Role'], { name: missing })
  throw apiError(ramErrors['EntityNotExist.Policy'], { type: 'custom', name: missing })
}

export async function nameTagged(
  ctx: RamContext,
  type: TaggedType,
  ids: readonly string[],
): Promise<Map<string, string>> {
  return await (type === 'role' ? listRoleNames : listPolicyNames)(ctx.db, ids)
}

/** Tags as lists give them, by resource id. */
export async function describeTags(
  db: Db,
  type: TaggedType,
  ids: readonly string[],
): Promise<(id: string) => { TagKey: string; TagValue: string }[]> {
  const tags = await listTags(db, { product: 'ram', resourceType: type }, ids)
  return (id) => (tags.get(id) ?? []).map((tag) => ({ TagKey: tag.key, TagValue: tag.value }))
}
