import type { AccountId } from '@pileus/kernel/ids'
import type { Db } from '@pileus/kernel/store/store'
import { type EntityType, type PolicyType, ramTables } from './schema.ts'

export interface PolicyRef {
  type: PolicyType
  name: string
}

export interface Entity {
  type: EntityType
  id: string
}

/** Whether the policy was not yet attached. */
export async function insertAttachment(
  db: Db,
  accountId: AccountId,
  entity: Entity,
  policy: PolicyRef,
  at: Date,
): Promise<boolean> {
  const result = await ramTables(db)
    .insertInto('ram.attachments')
    .values({
      account_id: accountId,
      entity_type: entity.type,
      entity_id: entity.id,
      policy_type: policy.type,
      policy_name: policy.name,
      attached_at: at,
    })
    .onConflict((conflict) => conflict.constraint('attachments_once').doNothing())
    .executeTakeFirst()
  return result.numInsertedOrUpdatedRows === 1n
}

/** Whether the policy was attached. */
export async function deleteAttachment(db: Db, entityId: string, policy: PolicyRef): Promise<boolean> {
  const result = await ramTables(db)
    .deleteFrom('ram.attachments')
    .where('entity_id', '=', entityId)
    .where('policy_type', '=', policy.type)
    .where('policy_name', '=', policy.name)
    .executeTakeFirst()
  return result.numDeletedRows === 1n
}

export interface AttachedPolicy extends PolicyRef {
  attachedAt: Date
}

/** In the order of attaching. */
export async function listAttachedPolicies(db: Db, entityId: string): Promise<AttachedPolicy[]> {
  const rows = await ramTables(db)
    .selectFrom('ram.attachments')
    .select(['policy_type', 'policy_name', 'attached_at'])
    .where('entity_id', '=', entityId)
    .orderBy('attached_at')
    .orderBy('policy_name')
    .execute()
  return rows.map((row) => ({ type: row.policy_type, name: row.policy_name, attachedAt: row.attached_at }))
}

export interface AttachedEntity extends Entity {
  name: string
  /** Display name of a user, comments of a group, description of a role. */
  about: string
  attachedAt: Date
}

/** Users, groups and roles that have the policy, in the order of attaching. */
export async function listEntitiesOfPolicy(db: Db, accountId: AccountId, policy: PolicyRef): Promise<AttachedEntity[]> {
  const rows = await ramTables(db)
    .selectFrom('ram.attachments as attached')
    .leftJoin('ram.users as person', 'person.user_id', 'attached.entity_id')
    .leftJoin('ram.groups as team', 'team.group_id', 'attached.entity_id')
    .leftJoin('ram.roles as part', 'part.role_id', 'attached.entity_id')
    .select(['attached.entity_type', 'attached.entity_id', 'attached.attached_at'])
    .select(({ fn }) => [
      fn.coalesce('person.user_name', 'team.group_name', 'part.role_name').as('name'),
      fn.coalesce('person.display_name', 'team.comments', 'part.description').as('about'),
    ])
    .where('attached.account_id', '=', accountId)
    .where('attached.policy_type', '=', policy.type)
    .where('attached.policy_name', '=', policy.name)
    .orderBy('attached.attached_at')
    .orderBy('attached.entity_id')
    .execute()
  return rows.map((row) => ({
    type: row.entity_type,
    id: row.entity_id,
    name: row.name ?? '',
    about: row.about ?? '',
    attachedAt: row.attached_at,
  }))
}

/** How many entities of the account have each policy, by `<type>/<name>`; absent where none has. */
export async function countAttachments(
  db: Db,
  accountId: AccountId,
  names: readonly string[],
): Promise<Map<string, number>> {
  if (names.length === 0) return new Map()
  const rows = await ramTables(db)
    .selectFrom('ram.attachments')
    .select(({ fn }) => ['policy_type', 'policy_name', fn.countAll<number>().as('count')])
    .where('account_id', '=', accountId)
    .where('policy_name', 'in', names)
    .groupBy(['policy_type', 'policy_name'])
    .execute()
  return new Map(rows.map((row) => [`${row.policy_type}/${row.policy_name}`, row.count]))
}
