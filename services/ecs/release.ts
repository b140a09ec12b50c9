/** The end of instances. */

import type { Db } from '@pileus/kernel/store/store'
import { removeTags } from '@pileus/kernel/tags'
import type { VpcPort } from '@pileus/vpc/port'
import { freeDisks } from './tables/disk-moves.ts'
import { listDisksOfInstances, removeDisks } from './tables/disks.ts'
import { release } from './tables/hosts.ts'
import { removeInstances } from './tables/instances.ts'
import type { DiskRow, InstanceRow } from './tables/schema.ts'

/**
 * Gives back all that instances hold: cards and addresses, disks, capacity, rows. Called once their host has
 * confirmed that the machines are gone, or at once when the host was never told of them. Disks that stay are free from
 * `at` on. The rows are locked.
 */
export async function releaseInstances(tx: Db, vpc: VpcPort, rows: readonly InstanceRow[], at: Date): Promise<void> {
  if (rows.length === 0) return
  const ids = rows.map((row) => row.id)
  const all = [...(await listDisksOfInstances(tx, ids)).values()].flat()
  await vpc.releaseInstanceNics(tx, ids)
  await freeDisks(
    tx,
    all.filter((disk) => disk.detaching),
    at,
  )
  const disks = all.filter((disk) => !disk.detaching)
  const diskIds = disks.map((disk) => disk.id)
  await removeTags(tx, { product: 'ecs', resourceType: 'instance' }, ids, 'all')
  await removeTags(tx, { product: 'ecs', resourceType: 'disk' }, diskIds, 'all')
  await removeDisks(tx, diskIds)
  await removeInstances(tx, ids)
  await release(
    tx,
    rows.map((row) => ({
      poolId: row.pool_id,
      size: {
        vcpus: row.reserved ? row.vcpus : 0,
        memoryMiB: row.reserved ? row.memory_mib : 0,
        diskGiB: disks.reduce((sum, disk) => sum + (disk.instance_id === row.id ? disk.size_gib : 0), 0),
      },
    })),
  )
}

/** Gives back what a disk held whose row is gone. */
export async function endDisk(tx: Db, disk: DiskRow): Promise<void> {
  await removeTags(tx, { product: 'ecs', resourceType: 'disk' }, [disk.id], 'all')
  if (disk.pool_id === null) return
  await release(tx, [{ poolId: disk.pool_id, size: { vcpus: 0, memoryMiB: 0, diskGiB: disk.size_gib } }])
}
