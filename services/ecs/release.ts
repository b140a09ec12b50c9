/** The end of instances. */

import type { Db } from '@pileus/kernel/store/store'
import { removeTags } from '@pileus/kernel/tags'
import type { VpcPort } from '@pileus/vpc/port'
import { listDisksOfInstances, removeDisks } from './tables/disks.ts'
import { release } from './tables/hosts.ts'
import { removeInstances } from './tables/instances.ts'
import type { InstanceRow } from './tables/schema.ts'

/**
 * Gives back all that instances hold: cards and addresses, disks, capacity, rows. Called once their host has
 * confirmed that the machines are gone, or at once when the host was never told of them. The rows are locked.
 */
export async function releaseInstances(tx: Db, vpc: VpcPort, rows: readonly InstanceRow[]): Promise<void> {
  if (rows.length === 0) return
  const ids = rows.map((row) => row.id)
  const disks = await listDisksOfInstances(tx, ids)
  await vpc.releaseInstanceNics(tx, ids)
  const diskIds = [...disks.values()].flat().map((disk) => disk.id)
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
        diskGiB: (disks.get(row.id) ?? []).reduce((sum, disk) => sum + disk.size_gib, 0),
      },
    })),
  )
}
