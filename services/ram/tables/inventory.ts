/** Identities and policies. They belong to no region. */
import type { InventoryItem } from '@pileus/kernel/operation'
import type { Db } from '@pileus/kernel/store/store'
import { sql } from 'kysely'

export async function* listInventory(db: Db, accountId: string): AsyncGenerator<InventoryItem> {
  const { rows } = await sql<{ kind: string; name: string }>`
    select 'user' as kind, user_name as name from ram.users where account_id = ${accountId}
    union all
    select 'group', group_name from ram.groups where account_id = ${accountId}
    union all
    select 'role', role_name from ram.roles where account_id = ${accountId}
    union all
    select 'policy', policy_name from ram.policies where account_id = ${accountId}
    order by kind, name
  `.execute(db)
  for (const { kind, name } of rows) {
    yield { arn: `acs:ram::${accountId}:${kind}/${name}`, regionId: 'global', kind }
  }
}
