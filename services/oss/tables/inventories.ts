import type { Inventory } from '../domain/inventory.ts'
import type { Queryable } from './buckets.ts'

/** False when there is one with this id already. */
export async function insertInventory(db: Queryable, bucketId: number, inventory: Inventory): Promise<boolean> {
  const { rowCount } = await db.query(
    `insert into oss.inventories (bucket_id, inventory_id, document) values ($1, $2, $3) on conflict do nothing`,
    [bucketId, inventory.id, JSON.stringify(inventory)],
  )
  return rowCount === 1
}

export async function countInventories(db: Queryable, bucketId: number): Promise<number> {
  const { rows } = await db.query<{ n: number }>('select count(*) as n from oss.inventories where bucket_id = $1', [
    bucketId,
  ])
  return rows[0]?.n ?? 0
}

export async function findInventory(db: Queryable, bucketId: number, id: string): Promise<Inventory | undefined> {
  const { rows } = await db.query<{ document: Inventory }>(
    'select document from oss.inventories where bucket_id = $1 and inventory_id = $2',
    [bucketId, id],
  )
  return rows[0]?.document
}

/** Those with ids after `after`, in order. */
export async function listInventories(
  db: Queryable,
  bucketId: number,
  after: string,
  limit: number,
): Promise<Inventory[]> {
  const { rows } = await db.query<{ document: Inventory }>(
    `select document from oss.inventories where bucket_id = $1 and inventory_id > $2 order by inventory_id limit $3`,
    [bucketId, after, limit],
  )
  return rows.map((row) => row.document)
}

export async function removeInventory(db: Queryable, bucketId: number, id: string): Promise<void> {
  await db.query('delete from oss.inventories where bucket_id = $1 and inventory_id = $2', [bucketId, id])
}

/** Of all buckets, with the time of the last list of each. */
export async function listAllInventories(
  db: Queryable,
): Promise<{ bucketId: number; inventory: Inventory; lastRunAt: Date | undefined }[]> {
  const { rows } = await db.query<{ bucket_id: number; document: Inventory; last_run_at: Date | null }>(
    'select bucket_id, document, last_run_at from oss.inventories order by bucket_id, inventory_id',
  )
  return rows.map((row) => ({
    bucketId: row.bucket_id,
    inventory: row.document,
    lastRunAt: row.last_run_at ?? undefined,
  }))
}

export async function saveInventoryRun(db: Queryable, bucketId: number, id: string, at: Date): Promise<void> {
  await db.query('update oss.inventories set last_run_at = $3 where bucket_id = $1 and inventory_id = $2', [
    bucketId,
    id,
    at,
  ])
}
