/** Starting, stopping, rebooting and deleting: what the single and the batch actions share. The rows are locked. */

import { apiError } from '@pileus/kernel/errors'
import { say } from '@pileus/kernel/messages/text'
import { assertDisksOpen } from './disk-keys.ts'
import { assertStatus } from './domain/lifecycle.ts'
import { errors } from './errors.ts'
import type { EcsContext } from './operation.ts'
import { releaseInstances } from './release.ts'
import { detachSurvivors } from './tables/disk-moves.ts'
import { listDisksOfInstances } from './tables/disks.ts'
import { reserveOn } from './tables/hosts.ts'
import { markDeleted, updatePower } from './tables/instances.ts'
import type { InstanceRow } from './tables/schema.ts'
import { wakeMachines } from './wake-machines.ts'

const sizeOf = (row: InstanceRow) => ({ vcpus: row.vcpus, memoryMiB: row.memory_mib, diskGiB: 0 })

/** @throws IncorrectInstanceStatus, OperationDenied.NoStock when its processors were given away meanwhile */
export async function startInstance(ctx: EcsContext, row: InstanceRow): Promise<InstanceRow> {
  assertStatus('StartInstance', row)
  const disks = (await listDisksOfInstances(ctx.db, [row.id])).get(row.id) ?? []
  await assertDisksOpen(
    ctx.kms,
    disks.filter((disk) => !disk.detaching),
  )
  if (!row.reserved && !(await reserveOn(ctx.db, row.pool_id, sizeOf(row)))) {
    throw apiError(errors['OperationDenied.NoStock'], {
      zoneId: row.zone_id,
      reason: say`The host that holds the disks of ${row.id} has no room for ${row.vcpus} vCPUs and ${row.memory_mib} MiB now.`,
    })
  }
  return await changePower(ctx, row, { desired_power: 'on', force_power: false, reserved: true }, 'again')
}

/** @throws IncorrectInstanceStatus */
export async function stopInstance(
  ctx: EcsContext,
  row: InstanceRow,
  how: { force: boolean; mode: 'KeepCharging' | 'StopCharging' },
): Promise<InstanceRow> {
  assertStatus('StopInstance', row)
  // With StopCharging, processors and memory are given back when the host reports the machine off.
  return await changePower(ctx, row, { desired_power: 'off', force_power: how.force, stopped_mode: how.mode })
}

/** @throws IncorrectInstanceStatus */
export async function rebootInstance(ctx: EcsContext, row: InstanceRow, force: boolean): Promise<InstanceRow> {
  assertStatus('RebootInstance', row)
  return await changePower(ctx, row, { desired_power: 'on', force_power: force }, 'again')
}

async function changePower(
  ctx: EcsContext,
  row: InstanceRow,
  set: Parameters<typeof updatePower>[2],
  boot: 'same' | 'again' = 'same',
): Promise<InstanceRow> {
  const [changed] = await updatePower(ctx.db, [row.id], set, boot)
  if (!changed) throw new Error(`instance ${row.id} vanished under its lock`)
  await wakeMachines(ctx, [row.pool_id])
  return changed
}

/**
 * Deletes for the customer. What a host was told of is released when the host has confirmed the removal, the rest at
 * once. @throws IncorrectInstanceStatus, InvalidOperation.DeletionProtection
 */
export async function deleteInstances(
  ctx: EcsContext,
  rows: readonly InstanceRow[],
  how: { force: boolean },
): Promise<void> {
  for (const row of rows) {
    if (row.deletion_protection) throw apiError(errors['InvalidOperation.DeletionProtection'], { instanceId: row.id })
    assertStatus(how.force ? 'DeleteInstanceForced' : 'DeleteInstance', row)
  }
  const ids = rows.map((row) => row.id)
  await ctx.vpc.assertNotNextHop(ctx.db, ctx, ids)
  await endInstances(ctx, rows)
}

/** As `deleteInstances`, without asking whether it is allowed. */
export async function endInstances(
  ctx: Pick<EcsContext, 'db' | 'clock' | 'vpc' | 'wake'>,
  rows: readonly InstanceRow[],
): Promise<void> {
  await markDeleted(
    ctx.db,
    rows.map((row) => row.id),
    ctx.clock.now(),
  )
  await detachSurvivors(
    ctx.db,
    rows.map((row) => row.id),
  )
  await releaseInstances(
    ctx.db,
    ctx.vpc,
    rows.filter((row) => row.offered_hash === null),
    ctx.clock.now(),
  )
  await wakeMachines(
    ctx,
    rows.map((row) => row.pool_id),
  )
}
