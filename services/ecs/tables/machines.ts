/** The agents' side of the tables: what machines of a pool are made of, and what was seen of them. */
import type { Db } from '@pileus/kernel/store/store'
import { sql } from 'kysely'
import type { UnfinishedCommand } from '../domain/desired-machine.ts'
import type { CommandColumns, ObservedColumns } from '../domain/observed.ts'
import { ecsTables, type InstanceRow } from './schema.ts'

/** Every instance of the pools, deleted ones included. */
export async function listInstancesOfPools(db: Db, poolIds: readonly string[]): Promise<InstanceRow[]> {
  return await ecsTables(db)
    .selectFrom('ecs.instances')
    .selectAll()
    .where('pool_id', 'in', poolIds)
    .orderBy('id')
    .execute()
}

/** Applies reports. Rows are locked in the order of their ids. */
export async function recordObserved(
  db: Db,
  reports: readonly { id: string; poolId: string; columns: ObservedColumns }[],
): Promise<void> {
  if (reports.length === 0) return
  const rows = reports.map((report) => ({ id: report.id, pool_id: report.poolId, ...report.columns }))
  await sql`
    with r as (
      select * from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as r(id text, pool_id text, observed_power text,
        observed_generation integer, observed_boot_generation integer, observed_started_at timestamptz,
        guest_ready boolean, machine_error text)
    ), locked as (
      select i.id from ecs.instances i join r on r.id = i.id and r.pool_id = i.pool_id order by i.id for update of i
    )
    update ecs.instances i set observed_power = r.observed_power, observed_generation = r.observed_generation,
      observed_boot_generation = r.observed_boot_generation, observed_started_at = r.observed_started_at,
      guest_ready = r.guest_ready, machine_error = r.machine_error,
      started_at = coalesce(r.observed_started_at, i.started_at)
    from r, locked where i.id = r.id and locked.id = i.id`.execute(db)
}

/**
 * Notes that the guest shut itself down: from then on the instance is to be off. Guarded: an intent that is newer than
 * what the host saw wins.
 */
export async function acceptGuestShutdown(db: Db, instanceId: string, seenBootGeneration: number): Promise<void> {
  await ecsTables(db)
    .updateTable('ecs.instances')
    .set({ desired_power: 'off', stopped_mode: 'KeepCharging', generation: sql`generation + 1` })
    .where('id', '=', instanceId)
    .where('boot_generation', '=', seenBootGeneration)
    .where('desired_power', '=', 'on')
    .execute()
}

/**
 * Records the hash of each document before it is offered, raising `generation` where the document changed since it was
 * last offered. Returns the generation of those that may be offered: what was deleted meanwhile is absent.
 */
export async function recordOffers(
  db: Db,
  offers: readonly { id: string; hash: string }[],
): Promise<Map<string, number>> {
  if (offers.length === 0) return new Map()
  const result = await sql<{ id: string; generation: number }>`
    with o as (
      select * from jsonb_to_recordset(${JSON.stringify(offers)}::jsonb) as o(id text, hash text)
    ), locked as (
      select i.id from ecs.instances i join o on o.id = i.id
      where i.deleted_at is null order by i.id for update of i
    )
    update ecs.instances i set offered_hash = o.hash,
      generation = i.generation + case when i.offered_hash is null then 0 else 1 end
    from o, locked where i.id = o.id and locked.id = i.id
    returning i.id, i.generation`.execute(db)
  return new Map(result.rows.map((row) => [row.id, row.generation]))
}

/** Commands that have not ended, oldest first. */
export async function listUnfinishedCommands(
  db: Db,
  instanceIds: readonly string[],
): Promise<Map<string, UnfinishedCommand[]>> {
  const byInstance = new Map<string, UnfinishedCommand[]>()
  if (instanceIds.length === 0) return byInstance
  const rows = await ecsTables(db)
    .selectFrom('ecs.invocation_targets as target')
    .innerJoin('ecs.invocations as invocation', 'invocation.id', 'target.invoke_id')
    .select(['target.invoke_id', 'target.instance_id', 'target.stop_requested'])
    .select(['invocation.script', 'invocation.working_dir', 'invocation.timeout_s', 'invocation.username'])
    .where('target.instance_id', 'in', instanceIds)
    .where('target.status', 'in', ['Pending', 'Running', 'Stopping'])
    .orderBy('target.created_at')
    .orderBy('target.invoke_id')
    .execute()
  for (const row of rows) {
    const commands = byInstance.get(row.instance_id) ?? []
    commands.push({
      invokeId: row.invoke_id,
      instanceId: row.instance_id,
      script: row.script,
      workingDir: row.working_dir,
      timeoutS: row.timeout_s,
      username: row.username,
      stop: row.stop_requested,
    })
    byInstance.set(row.instance_id, commands)
  }
  return byInstance
}

/** Applies a command's report, unless the command has ended already. */
export async function recordCommand(
  db: Db,
  invokeId: string,
  instanceId: string,
  columns: CommandColumns,
): Promise<void> {
  await ecsTables(db)
    .updateTable('ecs.invocation_targets')
    .set(columns)
    .where('invoke_id', '=', invokeId)
    .where('instance_id', '=', instanceId)
    .where('status', 'in', ['Pending', 'Running', 'Stopping'])
    .execute()
}

/** Keeps the newest tail of a console; of an instance of this pool only. */
export async function recordConsole(
  db: Db,
  poolId: string,
  tail: { machineId: string; text: string; updatedAt: Date },
): Promise<void> {
  await sql`
    insert into ecs.consoles (instance_id, text, updated_at)
    select id, ${tail.text}, ${tail.updatedAt} from ecs.instances where id = ${tail.machineId} and pool_id = ${poolId}
    on conflict (instance_id) do update set text = excluded.text, updated_at = excluded.updated_at`.execute(db)
}

/** Locks those of the instances that the customer deleted, in the order of their ids. */
export async function lockDeletedInstances(tx: Db, instanceIds: readonly string[]): Promise<InstanceRow[]> {
  return await ecsTables(tx)
    .selectFrom('ecs.instances')
    .selectAll()
    .where('id', 'in', instanceIds)
    .where('deleted_at', 'is not', null)
    .orderBy('id')
    .forUpdate()
    .execute()
}

/** Marks a stopped instance as holding no processors; undefined when it holds none, or is wanted on again. */
export async function stopReserving(tx: Db, instanceId: string): Promise<InstanceRow | undefined> {
  return await ecsTables(tx)
    .updateTable('ecs.instances')
    .set({ reserved: false })
    .where('id', '=', instanceId)
    .where('reserved', '=', true)
    .where('desired_power', '=', 'off')
    .where('stopped_mode', '=', 'StopCharging')
    .where('deleted_at', 'is', null)
    .returningAll()
    .executeTakeFirst()
}
