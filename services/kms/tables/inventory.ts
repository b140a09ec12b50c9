/** Where the account's keys and secrets lie. */
import type { InventoryItem } from '@pileus/kernel/operation'
import type { Db } from '@pileus/kernel/store/store'
import { sql } from 'kysely'

export async function* listInventory(db: Db, accountId: string): AsyncGenerator<InventoryItem> {
  const { rows } = await sql<{ region_id: string; kind: string; id: string }>`
    select region_id, 'key' as kind, key_id::text as id from kms.keys where account_id = ${accountId}
    union all
    select region_id, 'secret', secret_name from kms.secrets where account_id = ${accountId}
    order by kind, region_id, id
  `.execute(db)
  for (const { region_id: regionId, kind, id } of rows) {
    yield { arn: `acs:kms:${regionId}:${accountId}:${kind}/${id}`, regionId, kind }
  }
}
