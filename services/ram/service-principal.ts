/** Roles in whose name products of the cloud act for customers. */
import type { AccountId } from '@pileus/kernel/ids'
import { say } from '@pileus/kernel/messages/text'
import type { Db } from '@pileus/kernel/store/store'
import { isTrusted } from './domain/policy/trust.ts'
import type { ServicePrincipal } from './port.ts'
import { findRole } from './tables/roles.ts'

/**
 * A principal with the role's permissions, if the role trusts the service now. There are no credentials: it is good for
 * questions that the product itself asks.
 */
export async function findServicePrincipal(
  db: Db,
  accountId: AccountId,
  { roleName, service, sessionName }: { roleName: string; service: string; sessionName: string },
): Promise<ServicePrincipal> {
  const role = await findRole(db, accountId, roleName)
  if (!role) return { kind: 'closed', reason: say`The account has no role ${roleName}. Create it, or name another.` }
  if (!isTrusted(role.trust_policy, { kind: 'service', name: service }, {})) {
    const reason = say`The role ${roleName} does not trust ${service}. Add that service to its trust policy.`
    return { kind: 'closed', reason }
  }
  const { role_id: roleId, role_name } = role
  return {
    kind: 'open',
    principal: { kind: 'role', accountId, accessKeyId: '', roleId, roleName: role_name, sessionName },
  }
}
