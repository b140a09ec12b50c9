/** Which resources of ECS can be tagged, and whose they are. */
import { apiError, commonErrors } from '@pileus/kernel/errors'
import type { TagOwner } from '@pileus/kernel/tags'
import { parseIdList } from './domain/id-lists.ts'
import { errors } from './errors.ts'
import type { EcsContext } from './operation.ts'
import { listOwned } from './tables/tagged-resources.ts'

export const taggedTypes = ['instance', 'disk', 'keypair', 'command', 'securitygroup', 'eni'] as const
export type TaggedType = (typeof taggedTypes)[number]

/** @throws InvalidResourceType.NotFound */
export function parseResourceType(resourceType: string): TaggedType {
  if (!resourceType) throw apiError(commonErrors.MissingParameter, { parameter: 'ResourceType' })
  const found = taggedTypes.find((type) => type === resourceType.toLowerCase())
  if (found) return found
  throw apiError(errors['InvalidResourceType.NotFound'], { resourceType, supported: taggedTypes.join(', ') })
}

export function tagOwnerOf(ctx: EcsContext, resourceType: TaggedType): TagOwner {
  return { accountId: ctx.accountId, regionId: ctx.regionId, product: 'ecs', resourceType }
}

/**
 * From ids that customers give to those that tags are kept by: the same, but for key pairs, which are named.
 * Those that the account does not have are absent.
 */
export async function findTagKeys(
  ctx: EcsContext,
  type: TaggedType,
  given: readonly string[],
): Promise<Map<string, string>> {
  if (type === 'securitygroup' || type === 'eni') {
    const owned = await ctx.vpc.listOwnedIds(ctx.db, ctx, type, given)
    return new Map(owned.map((id) => [id, id]))
  }
  return await listOwned(ctx.db, ctx, type, given)
}

/** @throws InvalidResourceId.NotFound, MissingParameter */
export async function getTagKeys(
  ctx: EcsContext,
  type: TaggedType,
  given: readonly string[] | undefined,
): Promise<string[]> {
  const ids = parseIdList('ResourceId', given, 50)
  const found = await findTagKeys(ctx, type, ids)
  return ids.map((resourceId) => {
    const key = found.get(resourceId)
    if (key === undefined) throw apiError(errors['InvalidResourceId.NotFound'], { resourceId })
    return key
  })
}
