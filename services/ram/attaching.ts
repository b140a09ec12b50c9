/** What AttachPolicyTo…, DetachPolicyFrom… and ListPoliciesFor… of users, groups and roles share. */
import { isoSeconds } from '@pileus/kernel/clock'
import { apiError, commonErrors } from '@pileus/kernel/errors'
import { findSystemPolicy } from './domain/system-policies.ts'
import { getEntity, lockPolicyRef, parsePolicyRef } from './entities.ts'
import { ramErrors } from './errors.ts'
import { announceChange, type RamContext } from './operation.ts'
import { deleteAttachment, insertAttachment, listAttachedPolicies } from './tables/attachments.ts'
import { listPoliciesByName } from './tables/policies.ts'
import type { EntityType } from './tables/schema.ts'

interface AttachRequest {
  PolicyType?: string | undefined
  PolicyName?: string | undefined
  ResourceGroupId?: string | undefined
}

const missing = {
  user: ramErrors['EntityNotExist.User.Policy'],
  group: ramErrors['EntityNotExist.Group.Policy'],
  role: ramErrors['EntityNotExist.Role.Policy'],
} as const
const present = {
  user: ramErrors['EntityAlreadyExists.User.Policy'],
  group: ramErrors['EntityAlreadyExists.Group.Policy'],
  role: ramErrors['EntityAlreadyExists.Role.Policy'],
} as const

export async function attachPolicy(
  ctx: RamContext,
  type: EntityType,
  entityName: string | undefined,
  request: AttachRequest,
): Promise<object> {
  refuseResourceGroup(request)
  const policy = parsePolicyRef(request)
  // Always the policy before the entity, so that no two requests wait for each other.
  await lockPolicyRef(ctx, policy)
  const entity = await getEntity(ctx, type, entityName, 'share')
  if (!(await insertAttachment(ctx.db, ctx.accountId, entity, policy, ctx.clock.now()))) {
    throw apiError(present[type], { policyName: policy.name, name: entity.name })
  }
  await announceChange(ctx)
  return {}
}

export async function detachPolicy(
  ctx: RamContext,
  type: EntityType,
  entityName: string | undefined,
  request: AttachRequest,
): Promise<object> {
  refuseResourceGroup(request)
  const policy = parsePolicyRef(request)
  const entity = await getEntity(ctx, type, entityName)
  if (!(await deleteAttachment(ctx.db, entity.id, policy))) {
    throw apiError(missing[type], { policyName: policy.name, name: entity.name })
  }
  await announceChange(ctx)
  return {}
}

export async function listPoliciesFor(ctx: RamContext, type: EntityType, entityName: string | undefined) {
  const entity = await getEntity(ctx, type, entityName)
  const attached = await listAttachedPolicies(ctx.db, entity.id)
  const customNames = attached.filter((policy) => policy.type === 'Custom').map((policy) => policy.name)
  const custom = new Map(
    (await listPoliciesByName(ctx.db, ctx.accountId, customNames)).map((one) => [one.name, one.row]),
  )
  const policies = attached.map((policy) => {
    const row = policy.type === 'Custom' ? custom.get(policy.name) : undefined
    return {
      PolicyName: policy.name,
      PolicyType: policy.type,
      Description: row?.description ?? findSystemPolicy(policy.name)?.description ?? '',
      DefaultVersion: `v${row?.default_version ?? 1}`,
      AttachDate: isoSeconds(policy.attachedAt),
    }
  })
  return { Policies: { Policy: policies } }
}

/** A policy for one resource group would be a policy for all of the account here, which is more than was asked. */
function refuseResourceGroup(request: AttachRequest): void {
  if (request.ResourceGroupId === undefined || request.ResourceGroupId === '') return
  const reason = 'this cloud attaches policies for the whole account only.'
  throw apiError(commonErrors.InvalidParameter, { parameter: 'ResourceGroupId', reason })
}
