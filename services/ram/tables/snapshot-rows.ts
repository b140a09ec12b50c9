import type { AccountId } from '@pileus/kernel/ids'
import type { Db } from '@pileus/kernel/store/store'
import { sql } from 'kysely'
import type { StoredCredential } from './access-keys.ts'
import type { EffectivePolicy } from './effective-policies.ts'
import { type AccessKeyStatus, type EntityType, type PolicyType, ramTables } from './schema.ts'

/** All access keys, by id. */
export async function readCredentials(db: Db): Promise<Map<string, StoredCredential>> {
  const rows = await ramTables(db)
    .selectFrom('ram.access_keys as key')
    .leftJoin('ram.users as user', 'user.user_id', 'key.user_id')
    .select(['key.access_key_id', 'key.account_id', 'key.sealed_secret', 'key.status', 'key.user_id', 'user.user_name'])
    .execute()
  return new Map(
    rows.map((row) => [
      row.access_key_id,
      {
        accountId: row.account_id as AccountId,
        sealedSecret: row.sealed_secret,
        status: row.status as AccessKeyStatus,
        user: row.user_id === null ? undefined : { userId: row.user_id, userName: row.user_name ?? '' },
      },
    ]),
  )
}

/** Policies in force of all users, those of their groups among them, and roles; by `<account>/<id>`. */
export async function readPolicies(db: Db): Promise<Map<string, EffectivePolicy[]>> {
  const { rows } = await sql<{
    account_id: string
    entity_id: string
    policy_type: PolicyType
    policy_name: string
    document: string | null
    version: number | null
    entity_type: EntityType
  }>`
    select distinct on (1, 2, 3, 4)
      attached.account_id, coalesce(member.user_id, attached.entity_id) as entity_id,
      attached.policy_type, attached.policy_name, version.document, version.version, attached.entity_type
    from ram.attachments attached
    left join ram.group_members member on attached.entity_type = 'group' and member.group_id = attached.entity_id
    left join ram.policies policy on attached.policy_type = 'Custom'
      and policy.account_id = attached.account_id and policy.policy_name = attached.policy_name
    left join ram.policy_versions version
      on version.policy_id = policy.policy_id and version.version = policy.default_version
    where (attached.entity_type <> 'group' or member.user_id is not null)
      and (attached.policy_type = 'System' or version.document is not null)
    order by 1, 2, 3, 4, attached.entity_type desc`.execute(db)
  const policies = new Map<string, EffectivePolicy[]>()
  for (const row of rows) {
    const key = `${row.account_id}/${row.entity_id}`
    const known = policies.get(key) ?? []
    known.push({
      policyType: row.policy_type,
      policyName: row.policy_name,
      document: row.document ?? undefined,
      version: row.version ?? undefined,
      attachedTo: row.entity_type,
    })
    policies.set(key, known)
  }
  return policies
}

/** A number that is higher than all before. */
export async function nextSnapshotVersion(db: Db): Promise<number> {
  const { rows } = await sql<{ version: string }>`select nextval('ram.snapshot_versions') as version`.execute(db)
  return Number(rows[0]?.version)
}
