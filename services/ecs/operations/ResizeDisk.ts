import * as contract from '@pileus/contract/generated/ecs'
import { apiError, commonErrors } from '@pileus/kernel/errors'
import { say } from '@pileus/kernel/messages/text'
import { assertDiskStatus } from '../domain/disk-status.ts'
import { assertStatus } from '../domain/lifecycle.ts'
import { oneOf } from '../domain/plan-instances.ts'
import { errors } from '../errors.ts'
import { write } from '../operation.ts'
import { lockDiskAndOwner, updateDisks } from '../tables/disks.ts'
import { reserveOn } from '../tables/hosts.ts'
import { wakeMachines } from '../wake-machines.ts'

const maxGiB = { system: 2048, data: 32_768 }

/** Makes a disk larger: a running guest finds the room at once, whatever `Type` says, others when they start. */
export const ResizeDisk = write(contract.ResizeDisk, {
  permission: 'ecs:ResizeDisk',
  resources: (request) => [`disk/${request.DiskId}`],
  places: 'nowhere',
  idempotentBy: (request) => request.ClientToken,
  async run(ctx, request) {
    oneOf('Type', request.Type || 'offline', ['offline', 'online'])
    const { disk, instance } = await lockDiskAndOwner(ctx.db, ctx, request.DiskId)
    const newSizeGiB = request.NewSize
    if (!Number.isInteger(newSizeGiB) || newSizeGiB > maxGiB[disk.role]) {
      throw apiError(commonErrors.InvalidParameter, {
        parameter: 'NewSize',
        reason: say`it must be a whole number of GiB up to ${maxGiB[disk.role]}, and is ${newSizeGiB}.`,
      })
    }
    if (newSizeGiB <= disk.size_gib) {
      throw apiError(errors['InvalidDiskSize.TooSmall'], { newSizeGiB, sizeGiB: disk.size_gib })
    }
    assertDiskStatus('ResizeDisk', disk)
    if (instance) assertStatus('ResizeDisk', instance)
    const poolId = instance?.pool_id ?? disk.pool_id ?? ''
    const more = { vcpus: 0, memoryMiB: 0, diskGiB: newSizeGiB - disk.size_gib }
    if (!(await reserveOn(ctx.db, poolId, more))) {
      throw apiError(errors['OperationDenied.NoStock'], {
        zoneId: disk.zone_id,
        reason: say`The host of ${disk.id} has no ${more.diskGiB} GiB of disk left.`,
      })
    }
    await updateDisks(ctx.db, [disk.id], { size_gib: newSizeGiB })
    if (instance) await wakeMachines(ctx, [poolId])
    return {}
  },
})
