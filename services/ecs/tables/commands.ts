/** Commands, their invocations, and what each did on each instance. */
import { apiError } from '@pileus/kernel/errors'
import type { Page } from '@pileus/kernel/pagination'
import type { Db } from '@pileus/kernel/store/store'
import { taggedWith } from '@pileus/kernel/tags'
import { type Insertable, type RawBuilder, sql } from 'kysely'
import { errors } from '../errors.ts'
import { likePattern } from './instance-lists.ts'
import { type Listed, listPage } from './paging.ts'
import {
  type CommandRow,
  type CommandTable,
  ecsTables,
  type InvocationRow,
  type InvocationTable,
  type Owner,
  type TargetRow,
  type TargetStatus,
  type TargetTable,
} from './schema.ts'

export async function insertCommand(tx: Db, row: Insertable<CommandTable>): Promise<void> {
  await ecsTables(tx).insertInto('ecs.commands').values(row).execute()
}

/** A kept command. @throws InvalidCommandId.NotFound */
export async function getCommand(db: Db, owner: Owner, commandId: string): Promise<CommandRow> {
  const row = await ecsTables(db)
    .selectFrom('ecs.commands')
    .selectAll()
    .where('account_id', '=', owner.accountId)
    .where('region_id', '=', owner.regionId)
    .where('id', '=', commandId)
    .where('kept', '=', true)
    .executeTakeFirst()
  if (!row) throw apiError(errors['InvalidCommandId.NotFound'], { commandId })
  return row
}

export async function removeCommand(tx: Db, commandId: string): Promise<void> {
  await ecsTables(tx).deleteFrom('ecs.commands').where('id', '=', commandId).execute()
}

export async function countInvocation(tx: Db, commandId: string): Promise<void> {
  await ecsTables(tx)
    .updateTable('ecs.commands')
    .set({ invoke_times: sql`invoke_times + 1` })
    .where('id', '=', commandId)
    .execute()
}

export async function listCommands(
  db: Db,
  owner: Owner,
  filter: {
    id?: string | undefined
    name?: string | undefined
    description?: string | undefined
    type?: string | undefined
    resourceGroupId?: string | undefined
    tags?: readonly { key: string; value?: string | undefined }[]
  },
  page: Page,
): Promise<Listed<CommandRow>> {
  let rows = ecsTables(db)
    .selectFrom('ecs.commands')
    .where('account_id', '=', owner.accountId)
    .where('region_id', '=', owner.regionId)
    .where('kept', '=', true)
  if (filter.id) rows = rows.where('id', '=', filter.id)
  if (filter.name) rows = rows.where('name', 'like', likePattern(`*${filter.name}*`))
  if (filter.description) rows = rows.where('description', 'like', likePattern(`*${filter.description}*`))
  if (filter.type) rows = rows.where('type', '=', filter.type)
  if (filter.resourceGroupId) rows = rows.where('resource_group_id', '=', filter.resourceGroupId)
  for (const tag of filter.tags ?? []) {
    rows = rows.where('id', 'in', taggedWith(db, { ...owner, product: 'ecs', resourceType: 'command' }, tag))
  }
  return await listPage<CommandRow>(rows.selectAll(), page, async () => {
    const counted = await rows.select(({ fn }) => fn.countAll<number>().as('count')).executeTakeFirstOrThrow()
    return counted.count
  })
}

export async function insertInvocation(
  tx: Db,
  invocation: Insertable<InvocationTable>,
  targets: readonly Insertable<TargetTable>[],
): Promise<void> {
  await ecsTables(tx).insertInto('ecs.invocations').values(invocation).execute()
  await ecsTables(tx)
    .insertInto('ecs.invocation_targets')
    .values([...targets])
    .execute()
}

export interface InvocationFilter {
  invokeId?: string | undefined
  commandId?: string | undefined
  commandName?: string | undefined
  commandType?: string | undefined
  instanceId?: string | undefined
  /** Of the whole, in either of the API's two vocabularies. */
  status?: string | undefined
}

export async function listInvocations(
  db: Db,
  owner: Owner,
  filter: InvocationFilter,
  page: Page,
): Promise<Listed<InvocationRow>> {
  const tables = ecsTables(db)
  let rows = tables
    .selectFrom('ecs.invocations')
    .where('account_id', '=', owner.accountId)
    .where('region_id', '=', owner.regionId)
  if (filter.invokeId) rows = rows.where('id', '=', filter.invokeId)
  if (filter.commandId) rows = rows.where('command_id', '=', filter.commandId)
  if (filter.commandName) rows = rows.where('command_name', '=', filter.commandName)
  if (filter.commandType) rows = rows.where('command_type', '=', filter.commandType)
  if (filter.instanceId) {
    const ofInstance = tables
      .selectFrom('ecs.invocation_targets')
      .select('invoke_id')
      .where('instance_id', '=', filter.instanceId)
    rows = rows.where('id', 'in', ofInstance)
  }
  if (filter.status) rows = rows.where(hasStatus(filter.status))
  return await listPage<InvocationRow>(rows.selectAll(), page, async () => {
    const counted = await rows.select(({ fn }) => fn.countAll<number>().as('count')).executeTakeFirstOrThrow()
    return counted.count
  })
}

/** What `invocationStatus` computes of the targets, as a condition. */
function hasStatus(status: string): RawBuilder<boolean> {
  const some = (...statuses: TargetStatus[]) =>
    sql<boolean>`exists (select from ecs.invocation_targets t
      where t.invoke_id = invocations.id and t.status = any(${statuses}::text[]))`
  const unfinished = some('Pending', 'Running', 'Stopping')
  switch (status) {
    case 'Running':
      return sql<boolean>`(${some('Pending', 'Running')} and not ${some('Stopping')})`
    case 'Pending':
      return sql<boolean>`(${some('Pending')} and not ${some('Running', 'Stopping', 'Success', 'Failed', 'Stopped', 'Timeout')})`
    case 'Stopping':
      return some('Stopping')
    case 'Finished':
    case 'Success':
      return sql<boolean>`not ${some('Pending', 'Running', 'Stopping', 'Failed', 'Stopped', 'Timeout')}`
    case 'PartialFailed':
      return sql<boolean>`(not ${unfinished} and ${some('Success')} and ${some('Failed', 'Stopped', 'Timeout')})`
    case 'Stopped':
      return sql<boolean>`(${some('Stopped')} and not ${some('Pending', 'Running', 'Stopping', 'Success', 'Failed', 'Timeout')})`
    case 'Failed':
      return sql<boolean>`(${some('Failed', 'Timeout')} and not ${some('Pending', 'Running', 'Stopping', 'Success')})`
    default:
      return sql<boolean>`false`
  }
}

/** How many commands each instance ran, and runs now. */
export async function countRuns(
  db: Db,
  instanceIds: readonly string[],
): Promise<Map<string, { total: number; active: number; lastAt: Date }>> {
  if (instanceIds.length === 0) return new Map()
  const result = await sql<{ instance_id: string; total: number; active: number; last_at: Date }>`
    select instance_id, count(*)::integer as total, max(created_at) as last_at,
      (count(*) filter (where status in ('Pending', 'Running', 'Stopping')))::integer as active
    from ecs.invocation_targets where instance_id = any(${instanceIds}::text[]) group by 1`.execute(db)
  return new Map(
    result.rows.map((row) => [row.instance_id, { total: row.total, active: row.active, lastAt: row.last_at }]),
  )
}

/** Targets of each invocation. */
export async function listTargets(db: Db, invokeIds: readonly string[]): Promise<Map<string, TargetRow[]>> {
  const byInvocation = new Map<string, TargetRow[]>()
  if (invokeIds.length === 0) return byInvocation
  const rows = await ecsTables(db)
    .selectFrom('ecs.invocation_targets')
    .selectAll()
    .where('invoke_id', 'in', invokeIds)
    .orderBy('instance_id')
    .execute()
  for (const row of rows) {
    const targets = byInvocation.get(row.invoke_id) ?? []
    targets.push(row)
    byInvocation.set(row.invoke_id, targets)
  }
  return byInvocation
}

export async function listResults(
  db: Db,
  owner: Owner,
  filter: InvocationFilter & { statuses?: readonly TargetStatus[] | undefined },
  page: Page,
): Promise<Listed<TargetRow & { username: string; key: string }>> {
  let rows = ecsTables(db)
    .selectFrom('ecs.invocation_targets')
    .where('account_id', '=', owner.accountId)
    .where('region_id', '=', owner.regionId)
  if (filter.invokeId) rows = rows.where('invoke_id', '=', filter.invokeId)
  if (filter.commandId) rows = rows.where('command_id', '=', filter.commandId)
  if (filter.instanceId) rows = rows.where('instance_id', '=', filter.instanceId)
  if (filter.statuses) rows = rows.where('status', 'in', filter.statuses)
  const keyed = ecsTables(db)
    .selectFrom(rows.selectAll().select(sql<string>`invoke_id || '/' || instance_id`.as('key')).as('target'))
    .selectAll()
    .select(sql<string>`(select username from ecs.invocations where id = target.invoke_id)`.as('username'))
  return await listPage<TargetRow & { username: string; key: string }>(
    keyed,
    page,
    async () => {
      const counted = await rows.select(({ fn }) => fn.countAll<number>().as('count')).executeTakeFirstOrThrow()
      return counted.count
    },
    'key',
  )
}

/** Targets of an invocation of the account, locked. @throws InvalidInvokeId.NotFound */
export async function lockTargets(tx: Db, owner: Owner, invokeId: string): Promise<TargetRow[]> {
  const rows = await ecsTables(tx)
    .selectFrom('ecs.invocation_targets')
    .selectAll()
    .where('account_id', '=', owner.accountId)
    .where('region_id', '=', owner.regionId)
    .where('invoke_id', '=', invokeId)
    .orderBy('instance_id')
    .forUpdate()
    .execute()
  if (rows.length === 0) throw apiError(errors['InvalidInvokeId.NotFound'], { invokeId })
  return rows
}

/** What an invocation runs, and where; nothing when there is none. */
export async function findInvocationTargets(
  db: Db,
  owner: Owner,
  invokeId: string,
): Promise<{ commandId: string | undefined; instanceIds: string[] }> {
  const rows = await ecsTables(db)
    .selectFrom('ecs.invocation_targets')
    .select(['instance_id', 'command_id'])
    .where('account_id', '=', owner.accountId)
    .where('region_id', '=', owner.regionId)
    .where('invoke_id', '=', invokeId)
    .orderBy('instance_id')
    .execute()
  return { commandId: rows[0]?.command_id, instanceIds: rows.map((row) => row.instance_id) }
}

/** Asks for the end of runs that go on. */
export async function requestStop(tx: Db, invokeId: string, instanceIds: readonly string[]): Promise<void> {
  await ecsTables(tx)
    .updateTable('ecs.invocation_targets')
    .set({ stop_requested: true, status: 'Stopping' })
    .where('invoke_id', '=', invokeId)
    .where('instance_id', 'in', instanceIds)
    .where('status', 'in', ['Pending', 'Running'])
    .execute()
}

/** Commands in their last hours whose machine cannot run them: those of instances that are gone or off, and old ones. */
export async function failUndeliverable(db: Db, now: Date, deliverBefore: Date): Promise<number> {
  const result = await sql`
    update ecs.invocation_targets t set
      status = case when t.stop_requested then 'Stopped' else 'Failed' end,
      error_code = case
        when i.id is null then 'InstanceReleased'
        when i.desired_power = 'off' then 'InstanceNotRunning'
        else 'DeliveryTimeout' end,
      error_info = case
        when i.id is null then 'The instance was deleted before the command ended.'
        when i.desired_power = 'off' then 'The instance was stopped before the command ended.'
        else 'The guest did not answer in time.' end,
      finished_at = ${now}
    from ecs.invocation_targets u left join ecs.instances i on i.id = u.instance_id and i.deleted_at is null
    where u.invoke_id = t.invoke_id and u.instance_id = t.instance_id
      and t.status in ('Pending', 'Running', 'Stopping')
      and (i.id is null or (i.desired_power = 'off' and i.observed_power = 'off')
        or (t.started_at is null and t.created_at < ${deliverBefore}))`.execute(db)
  return Number(result.numAffectedRows ?? 0n)
}
