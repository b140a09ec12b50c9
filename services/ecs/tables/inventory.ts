/** Where the account's machines and their data lie. */
import type { InventoryItem } from '@pileus/kernel/operation'
import type { Db } from '@pileus/kernel/store/store'
import { sql } from 'kysely'

const gib = 1024 ** 3

export async function* listInventory(db: Db, accountId: string): AsyncGenerator<InventoryItem> {
  const { rows } = await sql<{ region_id: string; kind: string; id: string; size_gib: number | null }>`
    select region_id, 'instance' as kind, id, null::integer as size_gib from ecs.instances where account_id = ${accountId}
    union all
    select region_id, 'disk', id, size_gib from ecs.disks where account_id = ${accountId}
    union all
    select region_id, 'keypair', name, null from ecs.key_pairs where account_id = ${accountId}
    union all
    select region_id, 'command', id, null from ecs.commands where account_id = ${accountId}
    union all
    select region_id, 'invocation', id, null from ecs.invocations where account_id = ${accountId}
    order by kind, region_id, id
  `.execute(db)
  for (const { region_id: regionId, kind, id, size_gib: sizeGiB } of rows) {
    const arn = `acs:ecs:${regionId}:${accountId}:${kind}/${id}`
    yield { arn, regionId, kind, ...(sizeGiB === null ? {} : { bytes: sizeGiB * gib }) }
  }
}
