/** Disks on their way between instances, and out of this world: what agents are told of them, and what they report. */
import type { Db } from '@pileus/kernel/store/store'
import { type DiskRow, type DiskStatus, ecsTables } from './schema.ts'

const unsettled: DiskStatus[] = ['Attaching', 'ReIniting', 'Detaching', 'Deleting']

/** Disks that wait for their host to do something. */
export async function listUnsettledDisks(db: Db, poolIds: readonly string[]): Promise<DiskRow[]> {
  return await ecsTables(db)
    .selectFrom('ecs.disks')
    .selectAll()
    .where('pool_id', 'in', poolIds)
    .where('status', '!=', 'In_use')
    .where('status', 'in', unsettled)
    .orderBy('id')
    .execute()
}

/** Disks whose content hosts are to keep besides those of their machines, and disks that they are to let go of. */
export async function listDisksApart(db: Db, poolIds: readonly string[]): Promise<DiskRow[]> {
  return await ecsTables(db)
    .selectFrom('ecs.disks')
    .selectAll()
    .where('pool_id', 'in', poolIds)
    .where('status', '!=', 'In_use')
    .where('status', 'in', ['Available', 'Detaching', 'Deleting'])
    .where('placed', '=', true)
    .orderBy('id')
    .execute()
}

/** Notes that the machine has the disk in this incarnation, unless it is to let go of it meanwhile. */
export async function noteDiskReady(db: Db, disk: DiskRow, incarnation: number): Promise<void> {
  await ecsTables(db)
    .updateTable('ecs.disks')
    .set({ observed_incarnation: incarnation })
    .where('id', '=', disk.id)
    .where('instance_id', '=', disk.instance_id)
    .where('status', 'in', ['Attaching', 'ReIniting'])
    .execute()
}

/** Frees those of the disks that their instances were to let go of. */
export async function freeDisks(
  db: Db,
  disks: readonly Pick<DiskRow, 'id' | 'instance_id'>[],
  at: Date,
): Promise<void> {
  for (const disk of disks) {
    await ecsTables(db)
      .updateTable('ecs.disks')
      .set({ instance_id: null, detaching: false, device: '', observed_incarnation: null, detached_at: at })
      .where('id', '=', disk.id)
      .where('instance_id', '=', disk.instance_id)
      .where('detaching', '=', true)
      .execute()
  }
}

/** Asks instances that end to let go of the disks that stay. */
export async function detachSurvivors(tx: Db, instanceIds: readonly string[]): Promise<void> {
  if (instanceIds.length === 0) return
  await ecsTables(tx)
    .updateTable('ecs.disks')
    .set({ detaching: true })
    .where('instance_id', 'in', instanceIds)
    .where('delete_with_instance', '=', false)
    .execute()
}

/** Removes the row of a disk that the customer deleted; undefined when it is gone already. */
export async function removeDeletedDisk(tx: Db, diskId: string): Promise<DiskRow | undefined> {
  return await ecsTables(tx)
    .deleteFrom('ecs.disks')
    .where('id', '=', diskId)
    .where('deleted_at', 'is not', null)
    .returningAll()
    .executeTakeFirst()
}
