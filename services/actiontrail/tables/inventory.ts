/** Where the account's events lie: every region keeps what was done in it. */
import type { InventoryItem } from '@pileus/kernel/operation'
import type { Db } from '@pileus/kernel/store/store'
import { sql } from 'kysely'

export async function* listInventory(db: Db, accountId: string): AsyncGenerator<InventoryItem> {
  const { rows } = await sql<{ region_id: string; items: number; bytes: number }>`
    select region_id, count(*) as items, sum(octet_length(body)) as bytes from (
      select region_id, body from actiontrail.entries where account_id = ${accountId}
      union all select region_id, body from actiontrail.inbox where account_id = ${accountId}
      union all select region_id, body from actiontrail.begun where account_id = ${accountId}
    ) as held group by region_id order by region_id
  `.execute(db)
  for (const { region_id: regionId, items, bytes } of rows) {
    const arn = `acs:actiontrail:${regionId}:${accountId}:history`
    yield { arn, regionId, kind: 'log', bytes: Number(bytes), items: Number(items) }
  }
}
