import * as contract from '@pileus/contract/generated/ecs'
import { assertDiskStatus } from '../domain/disk-status.ts'
import { write } from '../operation.ts'
import { endDisk } from '../release.ts'
import { removeDeletedDisk } from '../tables/disk-moves.ts'
import { findDiskLocked, updateDisks } from '../tables/disks.ts'
import { wakeMachines } from '../wake-machines.ts'

/** Answers when the disk is no longer listed; a disk that does not exist is ignored, as the vendor has it. */
export const DeleteDisk = write(contract.DeleteDisk, {
  permission: 'ecs:DeleteDisk',
  resources: (request) => [`disk/${request.DiskId}`],
  places: 'nowhere',
  async run(ctx, request) {
    const disk = await findDiskLocked(ctx.db, ctx, request.DiskId)
    if (!disk) return {}
    assertDiskStatus('DeleteDisk', disk)
    await updateDisks(ctx.db, [disk.id], { deleted_at: ctx.clock.now() })
    if (disk.placed && disk.pool_id !== null) {
      await wakeMachines(ctx, [disk.pool_id])
      return {}
    }
    const gone = await removeDeletedDisk(ctx.db, disk.id)
    if (gone) await endDisk(ctx.db, gone)
    return {}
  },
})
