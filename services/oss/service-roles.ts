/**
 * Roles that workers of object storage act in. The role must trust `oss.aliyuncs.com`; trust and policies are asked at
 * each act, so that taking them away stops the worker. Who names a role in a configuration must be allowed to pass it.
 * @see docs/sources.md#oss
 */
import { type Clock, isoSeconds } from '@pileus/kernel/clock'
import type { AccountId } from '@pileus/kernel/ids'
import { say } from '@pileus/kernel/messages/text'
import { type ObjectRequest, objectError } from '@pileus/kernel/object-protocol'
import type { Authorizer, Principal } from '@pileus/kernel/ports'
import type { Store } from '@pileus/kernel/store/store'
import type { RamPort, ServicePrincipal } from '@pileus/ram/port'
import { type AskAccess, conditionsOf } from './access.ts'
import type { Bucket } from './domain/bucket.ts'
import { errors } from './errors.ts'

/** Whom the trust policy of a role must name. */
const ossPrincipal = 'oss.aliyuncs.com'

/** An act in the name of a role. */
export interface RoleAct {
  permission: `oss:${string}`
  bucket: Bucket
  key: string
}

export interface ServiceRoles {
  /** A session of the role, or why there can be none. `worker` names the session. */
  open(owner: string, roleName: string, worker: string): Promise<ServicePrincipal>
  /** Why the principal may not do that; undefined when it may. */
  findRefusal(principal: Principal, act: RoleAct): Promise<string | undefined>
}

interface Parts {
  store: Store
  ram: Pick<RamPort, 'findServicePrincipal'>
  access: AskAccess
  clock: Clock
}

export function createServiceRoles({ store, ram, access, clock }: Parts): ServiceRoles {
  const conditions = () => ({ 'acs:SecureTransport': 'true', 'acs:CurrentTime': isoSeconds(clock.now()) })
  return {
    open: (owner, roleName, sessionName) =>
      ram.findServicePrincipal(store.db, owner as AccountId, { roleName, service: ossPrincipal, sessionName }),
    async findRefusal(principal, { permission, bucket, key }) {
      const resource = `acs:oss:${bucket.regionId}:${bucket.accountId}:${bucket.name}/${key}`
      const request = { key, query: new Map<string, string>(), headers: {} }
      const question = { operation: { permission }, principal, request, resource, conditions: conditions() }
      const decision = await access(question, bucket)
      if (decision.kind === 'allowed') return undefined
      return `${nameOf(principal)} is not authorized to do ${permission} on ${resource}.`
    },
  }
}

function nameOf(principal: Principal): string {
  return principal.kind === 'role' ? `The role ${principal.roleName}` : 'The configuration'
}

/** Whoever gives a bucket a role gives its rights to all who write to the bucket. @throws AccessDenied */
export async function requirePassRole(
  { authorizer, principal, bucket }: { authorizer: Authorizer; principal: Principal; bucket: Bucket },
  request: ObjectRequest,
  roleName: string,
): Promise<void> {
  const action = 'ram:PassRole'
  const resource = `acs:ram:*:${bucket.accountId}:role/${roleName}`
  const conditions = conditionsOf(request)
  // Nobody passes roles of another account, whatever their own says.
  const isOwn = principal.accountId === bucket.accountId
  const decision = isOwn && (await authorizer.authorize({ principal, action, resources: [resource], conditions }))
  if (decision && decision.kind === 'allowed') return
  throw objectError(errors.AccessDenied, {
    facts: { reason: say`You are not authorized to do ${action} on ${resource}.` },
  })
}
