/** Finds what requests name. Names of other accounts do not exist here. */
import { apiError } from '@pileus/kernel/errors'
import { requireParameter } from './domain/parameters.ts'
import { findSystemPolicy } from './domain/system-policies.ts'
import { ramErrors } from './errors.ts'
import type { RamContext } from './operation.ts'
import type { KeyOwner } from './tables/access-keys.ts'
import type { Entity, PolicyRef } from './tables/attachments.ts'
import { findGroup, type GroupRow } from './tables/groups.ts'
import { findPolicy, findVersion, type PolicyRow, type PolicyVersionRow } from './tables/policies.ts'
import { findRole, type RoleRow } from './tables/roles.ts'
import type { EntityType } from './tables/schema.ts'
import { findUser, type RowLock, type UserRow } from './tables/users.ts'

/** @throws MissingParameter, EntityNotExist.User */
export async function getUser(ctx: RamContext, name: string | undefined, lock: RowLock = 'none'): Promise<UserRow> {
  const userName = requireParameter('UserName', name)
  const user = await findUser(ctx.db, ctx.accountId, userName, lock)
  if (!user) throw apiError(ramErrors['EntityNotExist.User'], { name: userName })
  return user
}

/** @throws MissingParameter, EntityNotExist.Group */
export async function getGroup(ctx: RamContext, name: string | undefined, lock: RowLock = 'none'): Promise<GroupRow> {
  const groupName = requireParameter('GroupName', name)
  const group = await findGroup(ctx.db, ctx.accountId, groupName, lock)
  if (!group) throw apiError(ramErrors['EntityNotExist.Group'], { name: groupName })
  return group
}

/** @throws MissingParameter, EntityNotExist.Role */
export async function getRole(ctx: RamContext, name: string | undefined, lock: RowLock = 'none'): Promise<RoleRow> {
  const roleName = requireParameter('RoleName', name)
  const role = await findRole(ctx.db, ctx.accountId, roleName, lock)
  if (!role) throw apiError(ramErrors['EntityNotExist.Role'], { name: roleName })
  return role
}

/** A custom policy. @throws MissingParameter, EntityNotExist.Policy */
export async function getPolicy(ctx: RamContext, name: string | undefined, lock: RowLock = 'none'): Promise<PolicyRow> {
  const policyName = requireParameter('PolicyName', name)
  const policy = await findPolicy(ctx.db, ctx.accountId, policyName, lock)
  if (!policy) throw policyMissing({ type: 'Custom', name: policyName })
  return policy
}

/** A version of a custom policy by its id, such as `v2`. @throws EntityNotExist.Policy.Version */
export async function getVersion(ctx: RamContext, policy: PolicyRow, versionId: string): Promise<PolicyVersionRow> {
  const number = /^v([1-9]\d{0,8})$/.exec(versionId)?.[1]
  const version = number === undefined ? undefined : await findVersion(ctx.db, policy.policy_id, Number(number))
  if (!version) throw versionMissing(policy.policy_name, versionId)
  return version
}

export function versionMissing(name: string, version: string) {
  return apiError(ramErrors['EntityNotExist.Policy.Version'], { name, version })
}

/** @throws MissingParameter, InvalidParameter.PolicyType */
export function parsePolicyRef(request: {
  PolicyType?: string | undefined
  PolicyName?: string | undefined
}): PolicyRef {
  const type = requireParameter('PolicyType', request.PolicyType)
  if (type !== 'System' && type !== 'Custom') {
    throw apiError(ramErrors['InvalidParameter.PolicyType'], { value: type })
  }
  return { type, name: requireParameter('PolicyName', request.PolicyName) }
}

/** Keeps a custom policy from being deleted until the transaction ends. @throws EntityNotExist.Policy */
export async function lockPolicyRef(ctx: RamContext, policy: PolicyRef): Promise<void> {
  const found =
    policy.type === 'System'
      ? findSystemPolicy(policy.name)
      : await findPolicy(ctx.db, ctx.accountId, policy.name, 'share')
  if (!found) throw policyMissing(policy)
}

export function policyMissing(policy: PolicyRef) {
  return apiError(ramErrors['EntityNotExist.Policy'], { type: policy.type.toLowerCase(), name: policy.name })
}

/** @throws EntityNotExist.User, .Group or .Role */
export async function getEntity(
  ctx: RamContext,
  type: EntityType,
  name: string | undefined,
  lock: RowLock = 'none',
): Promise<Entity & { name: string }> {
  switch (type) {
    case 'user': {
      const user = await getUser(ctx, name, lock)
      return { type, id: user.user_id, name: user.user_name }
    }
    case 'group': {
      const group = await getGroup(ctx, name, lock)
      return { type, id: group.group_id, name: group.group_name }
    }
    case 'role': {
      const role = await getRole(ctx, name, lock)
      return { type, id: role.role_id, name: role.role_name }
    }
  }
}

/**
 * Whose access keys a request is about: the named user's, or the caller's own when it names none.
 * @throws MissingParameter for sessions of roles, which have no keys; EntityNotExist.User
 */
export async function getKeyOwner(
  ctx: RamContext,
  userName: string | undefined,
  lock: RowLock = 'none',
): Promise<KeyOwner> {
  const { principal, accountId } = ctx
  if (userName === undefined || userName === '') {
    if (principal.kind === 'root') return { accountId, userId: undefined }
    if (principal.kind === 'user') {
      return { accountId, userId: (await getUser(ctx, principal.userName, lock)).user_id }
    }
  }
  return { accountId, userId: (await getUser(ctx, userName, lock)).user_id }
}
