import { apiError } from '@pileus/kernel/errors'
import type { Page } from '@pileus/kernel/pagination'
import type { Db } from '@pileus/kernel/store/store'
import { taggedWith } from '@pileus/kernel/tags'
import { type Insertable, sql, type Updateable } from 'kysely'
import { errors } from '../errors.ts'
import { likePattern } from './instance-lists.ts'
import { type Listed, listPage } from './paging.ts'
import { type DiskRow, type DiskStatus, type DiskTable, ecsTables, type InstanceRow, type Owner } from './schema.ts'

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

/** Disks that the customer deleted are not found. */
export async function findDiskLocked(tx: Db, owner: Owner, diskId: string): Promise<DiskRow | undefined> {
  return await ecsTables(tx)
    .selectFrom('ecs.disks')
    .selectAll()
    .where('account_id', '=', owner.accountId)
    .where('region_id', '=', owner.regionId)
    .where('deleted_at', 'is', null)
    .where('id', '=', diskId)
    .forUpdate()
    .executeTakeFirst()
}

/** @throws InvalidDiskId.NotFound */
export async function lockDisk(tx: Db, owner: Owner, diskId: string): Promise<DiskRow> {
  const row = await findDiskLocked(tx, owner, diskId)
  if (!row) throw apiError(errors['InvalidDiskId.NotFound'], { diskId })
  return row
}

/** How many disks of the owner no instance has. */
export async function countFreeDisks(db: Db, owner: Owner): Promise<number> {
  const counted = await ecsTables(db)
    .selectFrom('ecs.disks')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('account_id', '=', owner.accountId)
    .where('region_id', '=', owner.regionId)
    .where('status', '=', 'Available')
    .executeTakeFirstOrThrow()
  return Number(counted.count)
}

export async function updateDisks(tx: Db, diskIds: readonly string[], set: Updateable<DiskTable>): Promise<void> {
  await ecsTables(tx).updateTable('ecs.disks').set(set).where('id', 'in', diskIds).execute()
}

export async function removeDisks(tx: Db, diskIds: readonly string[]): Promise<void> {
  if (diskIds.length === 0) return
  await ecsTables(tx).deleteFrom('ecs.disks').where('id', 'in', diskIds).execute()
}

export interface DiskFilter {
  ids?: readonly string[] | undefined
  instanceId?: string | undefined
  role?: 'system' | 'data' | undefined
  isPortable?: boolean | undefined
  category?: string | undefined
  /** `*` stands for anything. */
  name?: string | undefined
  zoneId?: string | undefined
  resourceGroupId?: string | undefined
  deleteWithInstance?: boolean | undefined
  /** True: encrypted ones alone. */
  isEncrypted?: true | undefined
  kmsKeyId?: string | undefined
  status?: string | undefined
  tags?: readonly { key: string; value?: string | undefined }[]
}

/** Disks that go with an instance that the customer deleted are not listed. */
export async function listDisks(db: Db, owner: Owner, filter: DiskFilter, page: Page): Promise<Listed<DiskRow>> {
  let rows = ecsTables(db)
    .selectFrom('ecs.disks')
    .where('account_id', '=', owner.accountId)
    .where('region_id', '=', owner.regionId)
    .where('deleted_at', 'is', null)
    .where(
      sql<boolean>`(detaching or not exists (select from ecs.instances i where i.id = disks.instance_id and i.deleted_at is not null))`,
    )
  const equal = [
    ['instance_id', filter.instanceId],
    ['role', filter.role],
    ['role', filter.isPortable === undefined ? undefined : filter.isPortable ? 'data' : 'system'],
    ['category', filter.category],
    ['zone_id', filter.zoneId],
    ['resource_group_id', filter.resourceGroupId],
    ['delete_with_instance', filter.deleteWithInstance],
    ['kms_key_id', filter.kmsKeyId],
  ] as const
  for (const [column, value] of equal) if (value !== undefined) rows = rows.where(column, '=', value as never)
  if (filter.ids) rows = filter.ids.length > 0 ? rows.where('id', 'in', filter.ids) : rows.where('id', '=', '')
  if (filter.name !== undefined) rows = rows.where('name', 'like', likePattern(filter.name))
  if (filter.isEncrypted) rows = rows.where('kms_key_id', 'is not', null)
  if (filter.status !== undefined) rows = rows.where('status', '=', filter.status as DiskStatus)
  for (const tag of filter.tags ?? []) {
    rows = rows.where('id', 'in', taggedWith(db, { ...owner, product: 'ecs', resourceType: 'disk' }, tag))
  }
  return await listPage<DiskRow>(rows.selectAll(), page, async () => {
    const counted = await rows.select(({ fn }) => fn.countAll<number>().as('count')).executeTakeFirstOrThrow()
    return counted.count
  })
}

/**
 * Locks the disk and the instance that has it; disks are locked after their instances.
 * @throws InvalidDiskId.NotFound, also when the instance was deleted
 */
export async function lockDiskAndOwner(
  tx: Db,
  owner: Owner,
  diskId: string,
): Promise<{ disk: DiskRow; instance: InstanceRow | undefined }> {
  const instance = await findOwnerLocked(tx, owner, diskId)
  const disk = await lockDisk(tx, owner, diskId)
  if (disk.instance_id === (instance?.id ?? null)) return { disk, instance }
  // It changed hands before it was locked: its host has let go of it, or its instance was deleted.
  if (disk.instance_id !== null) throw apiError(errors['InvalidDiskId.NotFound'], { diskId })
  return { disk, instance: undefined }
}

async function findOwnerLocked(tx: Db, owner: Owner, diskId: string): Promise<InstanceRow | undefined> {
  return await ecsTables(tx)
    .selectFrom('ecs.instances')
    .selectAll()
    .where('account_id', '=', owner.accountId)
    .where('region_id', '=', owner.regionId)
    .where('deleted_at', 'is', null)
    .where('id', '=', (sub) => sub.selectFrom('ecs.disks').select('instance_id').where('ecs.disks.id', '=', diskId))
    .forUpdate()
    .executeTakeFirst()
}
