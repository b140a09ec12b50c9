/** RAM roles of instances: which may be attached, and what is asked for it. */

import { apiError } from '@pileus/kernel/errors'
import type { AdditionalQuestion } from '@pileus/kernel/operation'
import type { RoleFacts } from '@pileus/ram/port'
import { errors } from './errors.ts'
import type { EcsContext } from './operation.ts'

/** Who the trust policy of an instance's role must name. */
export const ecsPrincipal = 'ecs.aliyuncs.com'

/**
 * A role that instances may have.
 * @throws InvalidRamRole.NotFound, InvalidRamRole.NotEcsRole
 */
export async function getInstanceRole(ctx: EcsContext, roleName: string): Promise<RoleFacts> {
  const role = await ctx.ram.findRole(ctx.db, ctx.accountId, roleName)
  if (!role) throw apiError(errors['InvalidRamRole.NotFound'], { roleName })
  if (!ctx.ram.isTrusted(role.trustPolicy, { kind: 'service', name: ecsPrincipal }, {})) {
    throw apiError(errors['InvalidRamRole.NotEcsRole'], { roleName, service: ecsPrincipal })
  }
  return role
}

/** Whoever gives a machine a role gives its permissions to all who can use the machine. */
export function askToPass(roleName: string | undefined, accountId: string): AdditionalQuestion[] {
  if (!roleName) return []
  return [{ permission: 'ram:PassRole', resources: [`acs:ram:*:${accountId}:role/${roleName}`] }]
}
