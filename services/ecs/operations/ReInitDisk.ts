import * as contract from '@pileus/contract/generated/ecs'
import { apiError } from '@pileus/kernel/errors'
import { assertDisksOpen } from '../disk-keys.ts'
import { assertDiskStatus } from '../domain/disk-status.ts'
import { assertStatus } from '../domain/lifecycle.ts'
import { errors } from '../errors.ts'
import { refuseUnoffered } from '../network-parameters.ts'
import { write } from '../operation.ts'
import { startInstance } from '../power.ts'
import { lockDiskAndOwner, updateDisks } from '../tables/disks.ts'
import { wakeMachines } from '../wake-machines.ts'

/** Gives a disk of a stopped instance the content that it began with: nothing, or that of the image. */
export const ReInitDisk = write(contract.ReInitDisk, {
  permission: 'ecs:ReInitDisk',
  resources: (request) => [`disk/${request.DiskId}`],
  places: 'nowhere',
  async run(ctx, request) {
    const { KeyPairName, Password, SecurityEnhancementStrategy } = request
    refuseUnoffered({ KeyPairName, Password, SecurityEnhancementStrategy })
    const { disk, instance } = await lockDiskAndOwner(ctx.db, ctx, request.DiskId)
    assertDiskStatus('ReInitDisk', disk)
    if (!instance) throw apiError(errors['InvalidDiskId.NotFound'], { diskId: disk.id })
    assertStatus('ReInitDisk', instance)
    await assertDisksOpen(ctx.kms, [disk])
    await updateDisks(ctx.db, [disk.id], { incarnation: disk.incarnation + 1 })
    if (request.AutoStartInstance) await startInstance(ctx, instance)
    await wakeMachines(ctx, [instance.pool_id])
    return {}
  },
})
