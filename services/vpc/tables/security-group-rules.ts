import type { Db } from '@pileus/kernel/store/store'
import { getCreationKey } from './paging.ts'
import { type SecurityGroupRuleRow, tables } from './schema.ts'

export type SecurityGroupRule = SecurityGroupRuleRow

/** What makes two rules of a group and direction the same. */
export type RuleIdentity = Pick<
  SecurityGroupRuleRow,
  | 'direction'
  | 'policy'
  | 'priority'
  | 'protocol'
  | 'port_range'
  | 'source_port_range'
  | 'peer_cidr'
  | 'peer_group_id'
  | 'local_cidr'
>

/** Adds those of the rules that the group does not have yet. */
export async function ensureRules(db: Db, rules: readonly SecurityGroupRuleRow[]): Promise<void> {
  if (rules.length === 0) return
  await tables(db)
    .insertInto('vpc.security_group_rules')
    .values([...rules])
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

export async function countRules(db: Db, securityGroupId: string): Promise<number> {
  const { total } = await tables(db)
    .selectFrom('vpc.security_group_rules')
    .select(({ fn }) => fn.countAll<number>().as('total'))
    .where('security_group_id', '=', securityGroupId)
    .executeTakeFirstOrThrow()
  return total
}

/** In the order in which they were made; at most `limit` after the rule `after`. */
export async function listRules(
  db: Db,
  securityGroupId: string,
  filter: { direction?: 'ingress' | 'egress' | undefined },
  page: { after: string | undefined; limit: number },
): Promise<SecurityGroupRule[]> {
  let query = tables(db)
    .selectFrom('vpc.security_group_rules')
    .selectAll()
    .where('security_group_id', '=', securityGroupId)
  if (filter.direction !== undefined) query = query.where('direction', '=', filter.direction)
  const rules = await query.orderBy('created_at').orderBy('rule_id').execute()
  // A group has few rules: finding the place among them is cheaper than an index for it.
  const after = page.after === undefined ? undefined : getCreationKey(page.after)
  const isAfter = (rule: SecurityGroupRuleRow, { createdAt, id }: { createdAt: Date; id: string }) =>
    rule.created_at > createdAt || (rule.created_at.getTime() === createdAt.getTime() && rule.rule_id > id)
  return rules.filter((rule) => !after || isAfter(rule, after)).slice(0, page.limit)
}

export async function findRuleById(
  db: Db,
  securityGroupId: string,
  direction: 'ingress' | 'egress',
  ruleId: string,
): Promise<SecurityGroupRule | undefined> {
  return await tables(db)
    .selectFrom('vpc.security_group_rules')
    .selectAll()
    .where('security_group_id', '=', securityGroupId)
    .where('direction', '=', direction)
    .where('rule_id', '=', ruleId)
    .executeTakeFirst()
}

export async function findRule(
  db: Db,
  securityGroupId: string,
  identity: RuleIdentity,
): Promise<SecurityGroupRule | undefined> {
  let query = tables(db)
    .selectFrom('vpc.security_group_rules')
    .selectAll()
    .where('security_group_id', '=', securityGroupId)
  for (const [column, value] of identityColumns(identity)) query = query.where(column, '=', value)
  return await query.executeTakeFirst()
}

export async function updateRule(
  db: Db,
  ruleId: string,
  change: Partial<RuleIdentity & Pick<SecurityGroupRuleRow, 'description'>>,
): Promise<void> {
  if (Object.keys(change).length === 0) return
  await tables(db).updateTable('vpc.security_group_rules').set(change).where('rule_id', '=', ruleId).execute()
}

/** Removes the rule if the group has it; returns whether it had. */
export async function removeRule(db: Db, securityGroupId: string, identity: RuleIdentity): Promise<boolean> {
  let removal = tables(db).deleteFrom('vpc.security_group_rules').where('security_group_id', '=', securityGroupId)
  for (const [column, value] of identityColumns(identity)) removal = removal.where(column, '=', value)
  return (await removal.executeTakeFirst()).numDeletedRows > 0n
}

/** Removes those of the rules that the group has. */
export async function removeRulesById(
  db: Db,
  securityGroupId: string,
  direction: 'ingress' | 'egress',
  ruleIds: readonly string[],
): Promise<void> {
  if (ruleIds.length === 0) return
  await tables(db)
    .deleteFrom('vpc.security_group_rules')
    .where('security_group_id', '=', securityGroupId)
    .where('direction', '=', direction)
    .where('rule_id', 'in', ruleIds)
    .execute()
}

function identityColumns(identity: RuleIdentity) {
  const { direction, policy, priority, protocol, port_range, source_port_range } = identity
  const { peer_cidr, peer_group_id, local_cidr } = identity
  return Object.entries({
    direction,
    policy,
    priority,
    protocol,
    port_range,
    source_port_range,
    peer_cidr,
    peer_group_id,
    local_cidr,
  }) as [keyof RuleIdentity, never][]
}
