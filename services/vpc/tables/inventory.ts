/** Where the account's networks lie. */
import type { InventoryItem } from '@pileus/kernel/operation'
import type { Db } from '@pileus/kernel/store/store'
import { sql } from 'kysely'

export async function* listInventory(db: Db, accountId: string): AsyncGenerator<InventoryItem> {
  const { rows } = await sql<{ region_id: string; kind: string; id: string }>`
    select region_id, 'vpc' as kind, vpc_id as id from vpc.vpcs where account_id = ${accountId}
    union all
    select region_id, 'vswitch', vswitch_id from vpc.vswitches where account_id = ${accountId}
    union all
    select region_id, 'securitygroup', security_group_id from vpc.security_groups where account_id = ${accountId}
    union all
    select region_id, 'eni', nic_id from vpc.nics where account_id = ${accountId}
    order by kind, region_id, id
  `.execute(db)
  for (const { region_id: regionId, kind, id } of rows) {
    yield { arn: `acs:${productOf(kind)}:${regionId}:${accountId}:${kind}/${id}`, regionId, kind }
  }
}

/** Security groups and network interfaces are named as the other product's in policies. */
function productOf(kind: string): string {
  return kind === 'vpc' || kind === 'vswitch' ? 'vpc' : 'ecs'
}
