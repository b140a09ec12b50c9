import { apiError } from '@pileus/kernel/errors'
import type { RoleFacts } from '@pileus/ram/port'
import { parseRoleArn } from './domain/assume-role.ts'
import { stsErrors } from './errors.ts'
import { callConditions } from './open-session.ts'
import type { StsContext } from './operation.ts'

/**
 * The role, which must trust the provider for what it says of the caller. Whether there is one is told only to those
 * whom it trusts.
 * @throws InvalidParameter.RoleArn, AuthenticationFail.NoPermission
 */
export async function getFederatedRole(
  ctx: StsContext,
  roleArn: string | undefined,
  providerArn: string,
  conditions: Readonly<Record<string, string | readonly string[]>>,
): Promise<RoleFacts> {
  const ref = parseRoleArn(roleArn ?? '')
  const role = await ctx.ram.findRole(ctx.db, ref.accountId, ref.roleName)
  const caller = { kind: 'federated', providerArn } as const
  if (role && ctx.ram.isTrusted(role.trustPolicy, caller, { ...callConditions(ctx), ...conditions })) return role
  throw apiError(stsErrors['AuthenticationFail.NoPermission'], { roleArn: roleArn ?? '', providerArn })
}
