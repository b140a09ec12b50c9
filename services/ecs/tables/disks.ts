import { apiError } from '@pileus/kernel/errors'
import type { Db } from '@pileus/kernel/store/store'
import type { Insertable, Updateable } from 'kysely'
import { errors } from '../errors.ts'
import { type DiskRow, type DiskTable, ecsTables, type Owner } from './schema.ts'

export async function insertDisks(tx: Db, rows: readonly Insertable<DiskTable>[]): Promise<void> {
  await ecsTables(tx)
    .insertInto('ecs.disks')
    .values([...rows])
    .execute()
}

/** Disks of each instance: the system disk, then data disks in the order of their devices. */
export async function listDisksOfInstances(db: Db, instanceIds: readonly string[]): Promise<Map<string, DiskRow[]>> {
  const byInstance = new Map<string, DiskRow[]>()
  if (instanceIds.length === 0) return byInstance
  const rows = await ecsTables(db)
    .selectFrom('ecs.disks')
    .selectAll()
    .where('instance_id', 'in', instanceIds)
    .orderBy('role', 'desc')
    .orderBy('device')
    .orderBy('id')
    .execute()
  for (const row of rows) {
    const disks = byInstance.get(row.instance_id ?? '') ?? []
    disks.push(row)
    byInstance.set(row.instance_id ?? '', disks)
  }
  return byInstance
}

/** @throws InvalidDiskId.NotFound */
export async function lockDisk(tx: Db, owner: Owner, diskId: string): Promise<DiskRow> {
  const row = await ecsTables(tx)
    .selectFrom('ecs.disks')
    .selectAll()
    .where('account_id', '=', owner.accountId)
    .where('region_id', '=', owner.regionId)
    .where('id', '=', diskId)
    .forUpdate()
    .executeTakeFirst()
  if (!row) throw apiError(errors['InvalidDiskId.NotFound'], { diskId })
  return row
}

export async function updateDisks(tx: Db, diskIds: readonly string[], set: Updateable<DiskTable>): Promise<void> {
  await ecsTables(tx).updateTable('ecs.disks').set(set).where('id', 'in', diskIds).execute()
}

export async function removeDisks(tx: Db, diskIds: readonly string[]): Promise<void> {
  if (diskIds.length === 0) return
  await ecsTables(tx).deleteFrom('ecs.disks').where('id', 'in', diskIds).execute()
}
