/** Where the account's buckets lie, and how much is in each. */
import type { InventoryItem } from '@pileus/kernel/operation'
import type { Queryable } from './buckets.ts'

export async function* listInventory(db: Queryable, accountId: string): AsyncGenerator<InventoryItem> {
  const { rows } = await db.query<{ name: string; region_id: string; bytes: string; items: string }>(
    `select b.name, b.region_id, coalesce(sum(held.bytes), 0) as bytes, coalesce(sum(held.objects), 0) as items
     from oss.buckets b left join (
       select bucket_id, bytes, objects from oss.stats union all select bucket_id, bytes, objects from oss.stat_steps
     ) held using (bucket_id)
     where b.account_id = $1 group by b.bucket_id order by b.name`,
    [accountId],
  )
  for (const { name, region_id: regionId, bytes, items } of rows) {
    const arn = `acs:oss:${regionId}:${accountId}:${name}`
    yield { arn, regionId, kind: 'bucket', bytes: Number(bytes), items: Number(items) }
  }
}
