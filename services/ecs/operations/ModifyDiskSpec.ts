import * as contract from '@pileus/contract/generated/ecs'
import { apiError, commonErrors } from '@pileus/kernel/errors'
import { assertDiskStatus } from '../domain/disk-status.ts'
import { findDiskCategory, performanceLevelOf } from '../domain/disks.ts'
import { oneOf } from '../domain/plan-instances.ts'
import { errors } from '../errors.ts'
import { refuseUnoffered } from '../network-parameters.ts'
import { write } from '../operation.ts'
import { lockDisk, updateDisks } from '../tables/disks.ts'

/** Changes what the disk is called and charged as: all categories lie on the same storage here. */
export const ModifyDiskSpec = write(contract.ModifyDiskSpec, {
  permission: 'ecs:ModifyDiskSpec',
  resources: (request) => [`disk/${request.DiskId}`],
  places: 'nowhere',
  dryRunBy: (request) => request.DryRun,
  async run(ctx, request) {
    refuseUnoffered({ DestinationZoneId: request.DestinationZoneId, ProvisionedIops: request.ProvisionedIops })
    if (!request.DiskCategory && !request.PerformanceLevel) {
      throw apiError(commonErrors.MissingParameter, { parameter: 'DiskCategory' })
    }
    const disk = await lockDisk(ctx.db, ctx, request.DiskId)
    assertDiskStatus('ModifyDiskSpec', disk)
    const category = request.DiskCategory || disk.category
    const limits = findDiskCategory(category)
    if (!limits) throw apiError(errors['InvalidDiskCategory.ValueNotSupported'], { value: category })
    const { minGiB: min, maxGiB: max } = limits
    if (disk.size_gib < min || disk.size_gib > max) {
      throw apiError(errors['InvalidSize.ValueNotSupported'], { value: disk.size_gib, min, max, category })
    }
    const asked = oneOf('PerformanceLevel', request.PerformanceLevel || 'PL1', ['PL0', 'PL1', 'PL2', 'PL3'])
    await updateDisks(ctx.db, [disk.id], { category, performance_level: performanceLevelOf(category, asked) })
    return {}
  },
})
