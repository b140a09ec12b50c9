import * as contract from '@pileus/contract/generated/ecs'
import { apiError } from '@pileus/kernel/errors'
import { newResourceId } from '@pileus/kernel/ids'
import { setTags } from '@pileus/kernel/tags'
import { createDiskKey } from '../disk-keys.ts'
import { maxFreeDisks } from '../domain/disks.ts'
import { planDisk } from '../domain/plan-disk.ts'
import { errors } from '../errors.ts'
import { write } from '../operation.ts'
import { countFreeDisks, insertDisks } from '../tables/disks.ts'
import { reserve, seenSince } from '../tables/hosts.ts'

/** Makes a blank disk and reserves its room on a host; its content begins when an instance first has it. */
export const CreateDisk = write(contract.CreateDisk, {
  permission: 'ecs:CreateDisk',
  resources: () => ['disk/*'],
  places: (_request, regionId) => regionId,
  idempotentBy: (request) => request.ClientToken,
  async run(ctx, request) {
    const plan = planDisk(request)
    const { zoneId } = plan
    if (!ctx.hosted.findZone(ctx.regionId, zoneId)) {
      throw apiError(errors['InvalidZoneId.NotFound'], { zoneId, regionId: ctx.regionId })
    }
    if ((await countFreeDisks(ctx.db, ctx)) >= maxFreeDisks) {
      throw apiError(errors['QuotaExceed.PostPaidDisk'], { limit: maxFreeDisks })
    }
    const id = newResourceId('d')
    const key = await createDiskKey(ctx, id, plan)
    const size = { vcpus: 0, memoryMiB: 0, diskGiB: plan.sizeGiB }
    const now = ctx.clock.now()
    const placed = await reserve(ctx.db, { zoneId, size, count: 1, minCount: 1, seenSince: seenSince(now) })
    if (placed.kind === 'noStock') {
      throw apiError(errors['OperationDenied.NoStock'], { zoneId, reason: placed.reason })
    }
    await insertDisks(ctx.db, [
      {
        id,
        ...key,
        account_id: ctx.accountId,
        region_id: ctx.regionId,
        zone_id: zoneId,
        pool_id: placed.poolIds[0] ?? null,
        placed: false,
        instance_id: null,
        role: 'data',
        category: plan.category,
        performance_level: plan.performanceLevel,
        size_gib: plan.sizeGiB,
        image_id: null,
        name: plan.name,
        description: plan.description,
        device: '',
        delete_with_instance: false,
        resource_group_id: plan.resourceGroupId,
        created_at: now,
        attached_at: null,
        observed_incarnation: null,
      },
    ])
    const owner = { accountId: ctx.accountId, regionId: ctx.regionId, product: 'ecs', resourceType: 'disk' }
    await setTags(ctx.db, owner, [id], plan.tags)
    return { DiskId: id }
  },
})
