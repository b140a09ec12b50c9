import * as contract from '@pileus/contract/generated/ecs'
import { apiError } from '@pileus/kernel/errors'
import { assertDiskStatus } from '../domain/disk-status.ts'
import { assertStatus } from '../domain/lifecycle.ts'
import { errors } from '../errors.ts'
import { write } from '../operation.ts'
import { lockDisk, updateDisks } from '../tables/disks.ts'
import { lockInstance } from '../tables/instances.ts'
import { wakeMachines } from '../wake-machines.ts'

/** The disk is free once the guest has let go of it; a guest that does not is made to after its host's patience. */
export const DetachDisk = write(contract.DetachDisk, {
  permission: 'ecs:DetachDisk',
  resources: (request) => [`instance/${request.InstanceId}`, `disk/${request.DiskId}`],
  places: 'nowhere',
  async run(ctx, request) {
    const instance = await lockInstance(ctx.db, ctx, request.InstanceId)
    const disk = await lockDisk(ctx.db, ctx, request.DiskId)
    if (disk.instance_id !== instance.id) {
      throw apiError(errors.DependencyViolation, { diskId: disk.id, instanceId: instance.id })
    }
    if (disk.role === 'system') throw apiError(errors.DiskTypeViolation, { diskId: disk.id })
    assertDiskStatus('DetachDisk', disk)
    assertStatus('DetachDisk', instance)
    await updateDisks(ctx.db, [disk.id], { detaching: true, delete_with_instance: false })
    await wakeMachines(ctx, [instance.pool_id])
    return {}
  },
})
