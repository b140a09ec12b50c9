/**
 * Credentials of roles for guests. A session lasts an hour and is replaced after half of it, so that a guest which asks
 * at any time finds one that lasts a while. Kept in this process; another process opens sessions of its own.
 */
import { type Clock, isoSeconds } from '@pileus/kernel/clock'
import type { MachineRole } from '@pileus/kernel/fabric/machines'
import type { AccountId } from '@pileus/kernel/ids'
import type { Store } from '@pileus/kernel/store/store'
import type { RamPort } from '@pileus/ram/port'
import { ecsPrincipal } from '../instance-roles.ts'
import type { InstanceRow } from '../tables/schema.ts'

export interface RoleCredentialSource {
  /** By instance; those without a role, or whose role is gone or no longer trusts instances, are absent. */
  findAll(
    instances: readonly Pick<InstanceRow, 'id' | 'account_id' | 'ram_role_name'>[],
  ): Promise<Map<string, MachineRole>>
}

const sessionMs = 3_600_000
const renewBeforeMs = sessionMs / 2
const maxKnown = 100_000

interface Known {
  role: MachineRole
  roleId: string
  expiresAtMs: number
}

export function createRoleCredentials(deps: { store: Store; ram: RamPort; clock: Clock }): RoleCredentialSource {
  const { store, ram, clock } = deps
  const known = new Map<string, Known>()
  return {
    async findAll(instances) {
      const found = new Map<string, MachineRole>()
      for (const { id, account_id, ram_role_name } of instances) {
        if (ram_role_name === null) continue
        const role = await ram.findRole(store.db, account_id as AccountId, ram_role_name)
        if (!role || !ram.isTrusted(role.trustPolicy, { kind: 'service', name: ecsPrincipal }, {})) {
          known.delete(id)
          continue
        }
        const nowMs = clock.now().getTime()
        const before = known.get(id)
        const isFresh = before?.roleId === role.roleId && before.expiresAtMs - nowMs > renewBeforeMs
        if (before && isFresh) {
          found.set(id, before.role)
          continue
        }
        const expiresAtMs = Math.floor((nowMs + sessionMs) / 1_000) * 1_000
        const expiresAt = new Date(expiresAtMs)
        const session = ram.openRoleSession({ role, sessionName: id, expiresAt, sessionPolicy: undefined })
        const fresh = {
          name: role.roleName,
          ...session,
          expiration: isoSeconds(expiresAt),
          lastUpdated: isoSeconds(new Date(nowMs)),
        }
        if (known.size >= maxKnown) known.clear()
        known.set(id, { role: fresh, roleId: role.roleId, expiresAtMs })
        found.set(id, fresh)
      }
      return found
    },
  }
}
