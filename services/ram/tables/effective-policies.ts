import type { Db } from '@pileus/kernel/store/store'
import { sql } from 'kysely'

export interface EffectivePolicy {
  policyName: string
  /** Default version of a custom policy; undefined for system policies. */
  document: string | undefined
}

/** Policies attached to a user, to the user's groups, or to a role. */
export async function listEffectivePolicies(db: Db, accountId: string, entityId: string): Promise<EffectivePolicy[]> {
  const { rows } = await sql<{ policy_name: string; document: string | null }>`
    select distinct attached.policy_type, attached.policy_name, version.document
    from ram.attachments attached
    left join ram.policies policy on attached.policy_type = 'Custom'
      and policy.account_id = attached.account_id and policy.policy_name = attached.policy_name
    left join ram.policy_versions version
      on version.policy_id = policy.policy_id and version.version = policy.default_version
    where attached.account_id = ${accountId}
      and (attached.entity_id = ${entityId}
        or attached.entity_id in (select group_id from ram.group_members where user_id = ${entityId}))
      and (attached.policy_type = 'System' or version.document is not null)`.execute(db)
  return rows.map((row) => ({ policyName: row.policy_name, document: row.document ?? undefined }))
}
