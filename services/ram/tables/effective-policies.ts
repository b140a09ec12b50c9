import type { Db } from '@pileus/kernel/store/store'
import { sql } from 'kysely'
import type { EntityType, PolicyType } from './schema.ts'

export interface EffectivePolicy {
  policyType: PolicyType
  policyName: string
  /** Default version of a custom policy; undefined for system policies. */
  document: string | undefined
  version: number | undefined
  /** What it is attached to: the entity itself, or a group that the user is in. */
  attachedTo: EntityType
}

/** Policies attached to a user, to the user's groups, or to a role. */
export async function listEffectivePolicies(db: Db, accountId: string, entityId: string): Promise<EffectivePolicy[]> {
  const { rows } = await sql<{
    policy_type: PolicyType
    policy_name: string
    document: string | null
    version: number | null
    entity_type: EntityType
  }>`
    select distinct on (attached.policy_type, attached.policy_name)
      attached.policy_type, attached.policy_name, version.document, version.version, attached.entity_type
    from ram.attachments attached
    left join ram.policies policy on attached.policy_type = 'Custom'
      and policy.account_id = attached.account_id and policy.policy_name = attached.policy_name
    left join ram.policy_versions version
      on version.policy_id = policy.policy_id and version.version = policy.default_version
    where attached.account_id = ${accountId}
      and (attached.entity_id = ${entityId}
        or attached.entity_id in (select group_id from ram.group_members where user_id = ${entityId}))
      and (attached.policy_type = 'System' or version.document is not null)
    order by attached.policy_type, attached.policy_name, attached.entity_type desc`.execute(db)
  return rows.map((row) => ({
    policyType: row.policy_type,
    policyName: row.policy_name,
    document: row.document ?? undefined,
    version: row.version ?? undefined,
    attachedTo: row.entity_type,
  }))
}
