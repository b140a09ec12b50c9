import * as contract from '@pileus/contract/generated/ecs'
import { apiError } from '@pileus/kernel/errors'
import { say } from '@pileus/kernel/messages/text'
import { assertDisksOpen } from '../disk-keys.ts'
import { assertDiskStatus } from '../domain/disk-status.ts'
import { findFreeDevice } from '../domain/disks.ts'
import { maxDataDisks } from '../domain/instance-types.ts'
import { assertStatus } from '../domain/lifecycle.ts'
import { errors } from '../errors.ts'
import { refuseUnoffered } from '../network-parameters.ts'
import { type EcsContext, write } from '../operation.ts'
import { listDisksOfInstances, lockDisk, updateDisks } from '../tables/disks.ts'
import { moveReservation } from '../tables/hosts.ts'
import { lockInstance } from '../tables/instances.ts'
import type { DiskRow, InstanceRow } from '../tables/schema.ts'
import { wakeMachines } from '../wake-machines.ts'

/** Gives an instance a disk: a running one finds it at once, a stopped one when it starts. */
export const AttachDisk = write(contract.AttachDisk, {
  permission: 'ecs:AttachDisk',
  resources: (request) => [`instance/${request.InstanceId}`, `disk/${request.DiskId}`],
  places: 'nowhere',
  async run(ctx, request) {
    const { Bootable, Force, KeyPairName, Password } = request
    refuseUnoffered({ Bootable, Force, KeyPairName, Password })
    const instance = await lockInstance(ctx.db, ctx, request.InstanceId)
    const disk = await lockDisk(ctx.db, ctx, request.DiskId)
    assertDiskStatus('AttachDisk', disk)
    assertSameZone(instance, disk)
    assertStatus('AttachDisk', instance)
    const device = await chooseDevice(ctx, instance, request.Device)
    await assertDisksOpen(ctx.kms, [disk])
    await bringToHost(ctx, instance, disk)
    await updateDisks(ctx.db, [disk.id], {
      instance_id: instance.id,
      pool_id: instance.pool_id,
      placed: true,
      device,
      delete_with_instance: request.DeleteWithInstance ?? false,
      attached_at: ctx.clock.now(),
      observed_incarnation: null,
    })
    await wakeMachines(ctx, [instance.pool_id])
    return {}
  },
})

function assertSameZone(instance: InstanceRow, disk: DiskRow): void {
  if (instance.zone_id === disk.zone_id) return
  throw apiError(errors.ResourcesNotInSameZone, {
    instanceId: instance.id,
    instanceZoneId: instance.zone_id,
    diskId: disk.id,
    diskZoneId: disk.zone_id,
  })
}

async function chooseDevice(ctx: EcsContext, instance: InstanceRow, asked: string | undefined): Promise<string> {
  const disks = (await listDisksOfInstances(ctx.db, [instance.id])).get(instance.id) ?? []
  const taken = disks.map((disk) => disk.device)
  const free = findFreeDevice(taken)
  if (disks.filter((disk) => disk.role === 'data').length >= maxDataDisks || free === undefined) {
    throw apiError(errors.InstanceDiskLimitExceeded, { instanceId: instance.id, limit: maxDataDisks })
  }
  if (!asked) return free
  if (!/^\/dev\/(x?vd)[b-z]$/.test(asked)) throw apiError(errors['InvalidDevice.Malformed'], { value: asked })
  const device = asked.replace('/dev/vd', '/dev/xvd')
  if (taken.includes(device)) throw apiError(errors['InvalidDevice.InUse'], { device, instanceId: instance.id })
  return device
}

/** A disk that no host was told of yet can lie on any; another lies where it is. @see docs/decisions/0023-disks.md */
async function bringToHost(ctx: EcsContext, instance: InstanceRow, disk: DiskRow): Promise<void> {
  if (disk.pool_id === instance.pool_id) return
  if (disk.placed) {
    throw apiError(errors.DiskNotPortable, {
      diskId: disk.id,
      reason: say`its content is on another host than ${instance.id}. Attach it to an instance there, or copy the content over the network.`,
    })
  }
  const size = { vcpus: 0, memoryMiB: 0, diskGiB: disk.size_gib }
  if (await moveReservation(ctx.db, { from: disk.pool_id, to: instance.pool_id, size })) return
  throw apiError(errors['OperationDenied.NoStock'], {
    zoneId: disk.zone_id,
    reason: say`The host of ${instance.id} has no ${disk.size_gib} GiB of disk left.`,
  })
}
