/** Making instances: what RunInstances and CreateInstance share. */

import { randomUUID } from 'node:crypto'
import { apiError } from '@pileus/kernel/errors'
import { newResourceId } from '@pileus/kernel/ids'
import { say } from '@pileus/kernel/messages/text'
import { setTags } from '@pileus/kernel/tags'
import type { VSwitchFacts } from '@pileus/vpc/port'
import { type Insertable, sql } from 'kysely'
import { createDiskKey, type DiskKey } from './disk-keys.ts'
import { deviceName } from './domain/disks.ts'
import { defaultHostName } from './domain/names.ts'
import { type LaunchPlan, type PlannedDisk, systemDiskSize } from './domain/plan-instances.ts'
import { errors } from './errors.ts'
import { getInstanceRole } from './instance-roles.ts'
import type { EcsContext } from './operation.ts'
import { insertDisks } from './tables/disks.ts'
import { type Placement, reserve, seenSince } from './tables/hosts.ts'
import { listImages } from './tables/images.ts'
import { insertInstances } from './tables/instances.ts'
import { holdKeyPair } from './tables/key-pairs.ts'
import type { DiskTable, ImageRow, InstanceTable } from './tables/schema.ts'
import { wakeMachines } from './wake-machines.ts'

/**
 * Writes the whole intent of new instances and answers their ids. Locks: key pair and vswitch (shared), then the
 * vswitch's addresses, then pools.
 */
export async function launch(ctx: EcsContext, plan: LaunchPlan, power: 'on' | 'off'): Promise<string[]> {
  if (plan.zoneId !== undefined && !ctx.hosted.findZone(ctx.regionId, plan.zoneId)) {
    throw apiError(errors['InvalidZoneId.NotFound'], { zoneId: plan.zoneId, regionId: ctx.regionId })
  }
  const image = await resolveImage(ctx, plan.image)
  assertImageFits(image, plan)
  const systemDiskGiB = systemDiskSize(plan.systemDisk, image.size_gib)
  if (plan.keyPairName !== undefined) await holdKeyPair(ctx.db, ctx, plan.keyPairName)
  if (plan.ramRoleName !== undefined) await getInstanceRole(ctx, plan.ramRoleName)
  const vswitch = await chooseVSwitch(ctx, plan)
  const securityGroupIds = await chooseSecurityGroups(ctx, plan, vswitch)
  const ids = Array.from({ length: plan.count }, () => newResourceId('i'))
  const hostNameOf = (i: number) => plan.hostNames?.[i] ?? defaultHostName(ids[i] ?? '')
  const want: Placement = {
    zoneId: vswitch.zoneId,
    imageId: image.id,
    size: {
      vcpus: plan.type.vcpus,
      memoryMiB: plan.type.memoryMiB,
      diskGiB: systemDiskGiB + plan.dataDisks.reduce((sum, disk) => sum + (disk.sizeGiB ?? 0), 0),
    },
    count: plan.count,
    minCount: plan.minCount,
    seenSince: seenSince(ctx.clock.now()),
  }
  const poolIds = await takePlaces(ctx, want, (count) =>
    ctx.vpc.createInstanceNics(ctx.db, ctx, {
      vswitch,
      instances: ids.slice(0, count).map((instanceId, i) => ({ instanceId, hostname: hostNameOf(i) })),
      securityGroupIds,
      primaryIp: plan.privateIp,
    }),
  )
  const made = ids.slice(0, poolIds.length)
  await insertInstances(
    ctx.db,
    made.map((id, i) =>
      instanceRow(ctx, plan, {
        id,
        image,
        vswitch,
        poolId: poolIds[i] ?? '',
        hostName: hostNameOf(i),
        name: plan.names?.[i] ?? id,
        power,
      }),
    ),
  )
  const disks: Insertable<DiskTable>[] = []
  for (const [i, instanceId] of made.entries()) {
    const place = { poolId: poolIds[i] ?? '', zoneId: vswitch.zoneId }
    disks.push(...(await diskRows(ctx, plan, { instanceId, ...place, image, systemDiskGiB })))
  }
  await insertDisks(ctx.db, disks)
  const owner = { accountId: ctx.accountId, regionId: ctx.regionId, product: 'ecs' }
  await setTags(ctx.db, { ...owner, resourceType: 'instance' }, made, plan.tags)
  await wakeMachines(ctx, poolIds)
  return made
}

/**
 * Makes the cards, then reserves pools: in this order everywhere, and both late, because callers of the same vswitch or
 * pool wait from there on. Where there is room for some only, and some are enough, it does so again for those.
 */
async function takePlaces(
  ctx: EcsContext,
  want: Placement,
  makeCards: (count: number) => Promise<unknown>,
): Promise<string[]> {
  const mayBeFewer = want.minCount < want.count
  if (mayBeFewer) await sql`savepoint take_places`.execute(ctx.db)
  await makeCards(want.count)
  const placed = await reserve(ctx.db, want)
  if (placed.kind === 'noStock') {
    throw apiError(errors['OperationDenied.NoStock'], { zoneId: want.zoneId, reason: placed.reason })
  }
  if (placed.poolIds.length === want.count) return placed.poolIds
  await sql`rollback to savepoint take_places`.execute(ctx.db)
  const count = placed.poolIds.length
  return await takePlaces(ctx, { ...want, count, minCount: count }, makeCards)
}

/** By id, by a family given as id, or by family. @throws InvalidImageId.NotFound, InvalidImageFamily.NotFound */
export async function resolveImage(ctx: EcsContext, wanted: { id: string } | { family: string }): Promise<ImageRow> {
  const images = await listImages(ctx.db, seenSince(ctx.clock.now()))
  if ('id' in wanted) {
    const image = images.find((one) => one.id === wanted.id) ?? images.find((one) => one.family === wanted.id)
    if (image) return image
    throw apiError(errors['InvalidImageId.NotFound'], {
      imageId: wanted.id,
      offered: listOf(images.map((one) => one.id)),
    })
  }
  const image = images.find((one) => one.family === wanted.family)
  if (image) return image
  throw apiError(errors['InvalidImageFamily.NotFound'], {
    family: wanted.family,
    offered: listOf(images.map((one) => one.family)),
  })
}

function listOf(names: readonly string[]): string {
  return names.length > 0 ? [...new Set(names)].join(', ') : 'none'
}

function assertImageFits(image: ImageRow, plan: LaunchPlan): void {
  if (image.min_memory_mib <= plan.type.memoryMiB) return
  throw apiError(errors['InvalidParameter.NotMatch'], {
    parameters: 'ImageId and InstanceType',
    reason: say`${image.id} needs ${image.min_memory_mib} MiB of memory, and ${plan.type.id} has ${plan.type.memoryMiB}.`,
  })
}

async function chooseVSwitch(ctx: EcsContext, plan: LaunchPlan): Promise<VSwitchFacts> {
  if (plan.vswitchId === undefined) return await ctx.vpc.ensureDefaultVSwitch(ctx.db, ctx, plan.zoneId)
  const vswitch = await ctx.vpc.lockVSwitch(ctx.db, ctx, plan.vswitchId)
  if (plan.zoneId !== undefined && plan.zoneId !== vswitch.zoneId) {
    throw apiError(errors['InvalidParameter.NotMatch'], {
      parameters: 'ZoneId and VSwitchId',
      reason: say`${vswitch.vswitchId} is in zone ${vswitch.zoneId}.`,
    })
  }
  return vswitch
}

async function chooseSecurityGroups(ctx: EcsContext, plan: LaunchPlan, vswitch: VSwitchFacts): Promise<string[]> {
  if (plan.securityGroupIds.length === 0) {
    return [await ctx.vpc.ensureDefaultSecurityGroup(ctx.db, ctx, vswitch.vpcId)]
  }
  for (const securityGroupId of plan.securityGroupIds) {
    const vpcId = await ctx.vpc.getSecurityGroupVpc(ctx.db, ctx, securityGroupId)
    if (vpcId === vswitch.vpcId) continue
    throw apiError(errors['InvalidParameter.NotMatch'], {
      parameters: 'SecurityGroupId and VSwitchId',
      reason: say`${securityGroupId} is of VPC ${vpcId}, the vswitch of ${vswitch.vpcId}.`,
    })
  }
  return plan.securityGroupIds
}

function instanceRow(
  ctx: EcsContext,
  plan: LaunchPlan,
  one: {
    id: string
    image: ImageRow
    vswitch: VSwitchFacts
    poolId: string
    hostName: string
    name: string
    power: 'on' | 'off'
  },
): Insertable<InstanceTable> {
  return {
    id: one.id,
    account_id: ctx.accountId,
    region_id: ctx.regionId,
    zone_id: one.vswitch.zoneId,
    pool_id: one.poolId,
    instance_type: plan.type.id,
    vcpus: plan.type.vcpus,
    memory_mib: plan.type.memoryMiB,
    image_id: one.image.id,
    os_name: one.image.os_name,
    platform: one.image.platform,
    name: one.name,
    description: plan.description,
    host_name: one.hostName,
    key_pair_name: plan.keyPairName ?? null,
    ram_role_name: plan.ramRoleName ?? null,
    user_data: plan.userData,
    vpc_id: one.vswitch.vpcId,
    vswitch_id: one.vswitch.vswitchId,
    resource_group_id: plan.resourceGroupId,
    credit_specification: plan.creditSpecification,
    deletion_protection: plan.deletionProtection,
    http_endpoint: plan.httpEndpoint,
    http_tokens: plan.httpTokens,
    http_hop_limit: plan.httpHopLimit,
    serial_number: randomUUID(),
    created_at: ctx.clock.now(),
    started_at: null,
    auto_release_at: plan.autoReleaseAt ?? null,
    deleted_at: null,
    desired_power: one.power,
    force_power: false,
    stopped_mode: 'KeepCharging',
    reserved: true,
  }
}

async function diskRows(
  ctx: EcsContext,
  plan: LaunchPlan,
  one: { instanceId: string; poolId: string; zoneId: string; image: ImageRow; systemDiskGiB: number },
): Promise<Insertable<DiskTable>[]> {
  const disks = [plan.systemDisk, ...plan.dataDisks]
  const createdAt = ctx.clock.now()
  // Lists show equal times by descending id: so the system disk comes first, data disks by device.
  const ids = disks
    .map(() => newResourceId('d'))
    .sort()
    .reverse()
  const row = (disk: PlannedDisk, index: number, id: string, key: DiskKey): Insertable<DiskTable> => ({
    id,
    ...key,
    account_id: ctx.accountId,
    region_id: ctx.regionId,
    zone_id: one.zoneId,
    pool_id: one.poolId,
    instance_id: one.instanceId,
    role: index === 0 ? 'system' : 'data',
    category: disk.category,
    performance_level: disk.performanceLevel,
    size_gib: index === 0 ? one.systemDiskGiB : (disk.sizeGiB ?? 0),
    image_id: index === 0 ? one.image.id : null,
    name: disk.name,
    description: disk.description,
    device: deviceName(index),
    delete_with_instance: disk.deleteWithInstance,
    resource_group_id: plan.resourceGroupId,
    created_at: createdAt,
    attached_at: createdAt,
  })
  const rows: Insertable<DiskTable>[] = []
  for (const [index, disk] of disks.entries()) {
    const id = ids[index] as string
    rows.push(row(disk, index, id, await createDiskKey(ctx, id, disk)))
  }
  return rows
}
