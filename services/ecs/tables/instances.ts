/** Rows of instances. Deleted ones stay until their host has confirmed the removal, and are seen by agents only. */
import { apiError } from '@pileus/kernel/errors'
import type { Db } from '@pileus/kernel/store/store'
import { type Insertable, sql, type Updateable } from 'kysely'
import { errors } from '../errors.ts'
import { ecsTables, type InstanceRow, type InstanceTable, type Owner } from './schema.ts'

export async function insertInstances(tx: Db, rows: readonly Insertable<InstanceTable>[]): Promise<void> {
  await ecsTables(tx)
    .insertInto('ecs.instances')
    .values([...rows])
    .execute()
}

const visible = (db: Db, owner: Owner) =>
  ecsTables(db)
    .selectFrom('ecs.instances')
    .selectAll()
    .where('account_id', '=', owner.accountId)
    .where('region_id', '=', owner.regionId)
    .where('deleted_at', 'is', null)

/** @throws InvalidInstanceId.NotFound */
export async function getInstance(db: Db, owner: Owner, instanceId: string): Promise<InstanceRow> {
  const row = await visible(db, owner).where('id', '=', instanceId).executeTakeFirst()
  if (!row) throw apiError(errors['InvalidInstanceId.NotFound'], { instanceId })
  return row
}

/** Reads it and keeps others from changing its intent until the transaction ends. @throws InvalidInstanceId.NotFound */
export async function lockInstance(tx: Db, owner: Owner, instanceId: string): Promise<InstanceRow> {
  const row = await visible(tx, owner).where('id', '=', instanceId).forUpdate().executeTakeFirst()
  if (!row) throw apiError(errors['InvalidInstanceId.NotFound'], { instanceId })
  return row
}

/** Locks several, in the order of their ids; answers in the order given. @throws InvalidInstanceId.NotFound */
export async function lockInstances(tx: Db, owner: Owner, instanceIds: readonly string[]): Promise<InstanceRow[]> {
  const rows = await visible(tx, owner).where('id', 'in', instanceIds).orderBy('id').forUpdate().execute()
  return inOrder(rows, instanceIds)
}

/** Those that exist, by id. */
export async function findInstances(
  db: Db,
  owner: Owner,
  instanceIds: readonly string[],
): Promise<Map<string, InstanceRow>> {
  if (instanceIds.length === 0) return new Map()
  const rows = await visible(db, owner).where('id', 'in', instanceIds).execute()
  return new Map(rows.map((row) => [row.id, row]))
}

function inOrder(rows: readonly InstanceRow[], instanceIds: readonly string[]): InstanceRow[] {
  const byId = new Map(rows.map((row) => [row.id, row]))
  return [...new Set(instanceIds)].map((instanceId) => {
    const row = byId.get(instanceId)
    if (!row) throw apiError(errors['InvalidInstanceId.NotFound'], { instanceId })
    return row
  })
}

export async function updateInstance(tx: Db, instanceId: string, set: Updateable<InstanceTable>): Promise<InstanceRow> {
  return await ecsTables(tx)
    .updateTable('ecs.instances')
    .set(set)
    .where('id', '=', instanceId)
    .returningAll()
    .executeTakeFirstOrThrow()
}

/** Asks for another power state or boot; `generation` grows, so that what the host reported before does not count. */
export async function updatePower(
  tx: Db,
  instanceIds: readonly string[],
  set: Pick<Updateable<InstanceTable>, 'desired_power' | 'force_power' | 'stopped_mode' | 'reserved' | 'started_at'>,
  boot: 'same' | 'again' = 'same',
): Promise<InstanceRow[]> {
  return await ecsTables(tx)
    .updateTable('ecs.instances')
    .set({
      ...set,
      generation: sql`generation + 1`,
      boot_generation: boot === 'again' ? sql`boot_generation + 1` : sql`boot_generation`,
    })
    .where('id', 'in', instanceIds)
    .returningAll()
    .execute()
}

/** Hides them from the customer and asks the hosts to remove them. */
export async function markDeleted(tx: Db, instanceIds: readonly string[], at: Date): Promise<void> {
  await ecsTables(tx)
    .updateTable('ecs.instances')
    .set({
      deleted_at: at,
      desired_power: 'off',
      force_power: true,
      deletion_protection: false,
      generation: sql`generation + 1`,
    })
    .where('id', 'in', instanceIds)
    .execute()
}

export async function removeInstances(tx: Db, instanceIds: readonly string[]): Promise<void> {
  await ecsTables(tx).deleteFrom('ecs.instances').where('id', 'in', instanceIds).execute()
}

/** Instances to be released by now, oldest first. */
export async function listDueForRelease(db: Db, now: Date, limit: number): Promise<InstanceRow[]> {
  return await ecsTables(db)
    .selectFrom('ecs.instances')
    .selectAll()
    .where('auto_release_at', '<=', now)
    .where('deleted_at', 'is', null)
    .orderBy('auto_release_at')
    .limit(limit)
    .execute()
}

/** An instance that uses the key pair, or undefined. */
export async function findUserOfKeyPair(db: Db, owner: Owner, name: string): Promise<string | undefined> {
  const row = await visible(db, owner).where('key_pair_name', '=', name).limit(1).executeTakeFirst()
  return row?.id
}

/** Instances that have the role, by id. */
export async function listInstancesWithRole(db: Db, owner: Owner, roleName: string): Promise<InstanceRow[]> {
  return await visible(db, owner).where('ram_role_name', '=', roleName).orderBy('id').execute()
}

/** Pools on which the instances are. */
export async function listPoolIds(db: Db, instanceIds: readonly string[]): Promise<string[]> {
  if (instanceIds.length === 0) return []
  const rows = await ecsTables(db)
    .selectFrom('ecs.instances')
    .select('pool_id')
    .distinct()
    .where('id', 'in', instanceIds)
    .execute()
  return rows.map((row) => row.pool_id)
}

/** Locks the instance if it is still to be released by now. */
export async function lockDueForRelease(tx: Db, instanceId: string, now: Date): Promise<InstanceRow | undefined> {
  return await ecsTables(tx)
    .selectFrom('ecs.instances')
    .selectAll()
    .where('id', '=', instanceId)
    .where('auto_release_at', '<=', now)
    .where('deleted_at', 'is', null)
    .forUpdate()
    .executeTakeFirst()
}
