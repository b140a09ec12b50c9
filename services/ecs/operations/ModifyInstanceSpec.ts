import * as contract from '@pileus/contract/generated/ecs'
import { apiError, commonErrors } from '@pileus/kernel/errors'
import { say } from '@pileus/kernel/messages/text'
import { findInstanceType } from '../domain/instance-types.ts'
import { assertStatus } from '../domain/lifecycle.ts'
import { errors } from '../errors.ts'
import { write } from '../operation.ts'
import { release, reserveOn, seenSince } from '../tables/hosts.ts'
import { listImages } from '../tables/images.ts'
import { lockInstance, updateInstance } from '../tables/instances.ts'
import { wakeMachines } from '../wake-machines.ts'

/** Another type for a stopped instance, on the host that holds its disks. */
export const ModifyInstanceSpec = write(contract.ModifyInstanceSpec, {
  permission: 'ecs:ModifyInstanceSpec',
  resources: (request) => [`instance/${request.InstanceId}`],
  places: 'nowhere',
  idempotentBy: (request) => request.ClientToken,
  dryRunBy: (request) => request.DryRun,
  async run(ctx, request) {
    if ((request.InternetMaxBandwidthOut ?? 0) > 0) {
      throw apiError(commonErrors.InvalidParameter, {
        parameter: 'InternetMaxBandwidthOut',
        reason: say`this cloud gives instances no public addresses; leave it out or 0.`,
      })
    }
    const row = await lockInstance(ctx.db, ctx, request.InstanceId)
    if (!request.InstanceType) return {}
    const type = findInstanceType(request.InstanceType)
    if (!type) {
      throw apiError(errors['InvalidInstanceType.ValueNotSupported'], { instanceType: request.InstanceType })
    }
    assertStatus('ModifyInstanceSpec', row)
    const image = (await listImages(ctx.db, seenSince(ctx.clock.now()))).find((one) => one.id === row.image_id)
    if (image && image.min_memory_mib > type.memoryMiB) {
      throw apiError(errors['InvalidParameter.NotMatch'], {
        parameters: 'ImageId and InstanceType',
        reason: say`${image.id} needs ${image.min_memory_mib} MiB of memory, and ${type.id} has ${type.memoryMiB}.`,
      })
    }
    if (row.reserved) {
      const held = { vcpus: row.vcpus, memoryMiB: row.memory_mib, diskGiB: 0 }
      await release(ctx.db, [{ poolId: row.pool_id, size: held }])
      const wanted = { vcpus: type.vcpus, memoryMiB: type.memoryMiB, diskGiB: 0 }
      if (!(await reserveOn(ctx.db, row.pool_id, wanted))) {
        throw apiError(errors['OperationDenied.NoStock'], {
          zoneId: row.zone_id,
          reason: say`The host that holds the disks of ${row.id} has no room for ${type.id}.`,
        })
      }
    }
    await updateInstance(ctx.db, row.id, {
      instance_type: type.id,
      vcpus: type.vcpus,
      memory_mib: type.memoryMiB,
      credit_specification: type.credits ? row.credit_specification || 'Standard' : '',
    })
    await wakeMachines(ctx, [row.pool_id])
    return {}
  },
})
