/** Running commands: what RunCommand and InvokeCommand share. */
import { apiError } from '@pileus/kernel/errors'
import { newResourceId } from '@pileus/kernel/ids'
import { fillParameters, type PlannedCommand } from './domain/commands.ts'
import { parseIdList } from './domain/id-lists.ts'
import { errors } from './errors.ts'
import type { EcsContext } from './operation.ts'
import { insertInvocation } from './tables/commands.ts'
import { findInstances } from './tables/instances.ts'
import { wakeMachines } from './wake-machines.ts'

export interface Invocation {
  commandId: string
  command: PlannedCommand
  timeoutS: number
  workingDir: string
  username: string
  parameters: Readonly<Record<string, unknown>>
  instanceIds: readonly string[] | undefined
}

const maxTargets = 100

/** Writes the runs; the hosts of the instances carry them out. @throws InvalidInstanceId.NotFound, Instance.NotRunning */
export async function invoke(ctx: EcsContext, invocation: Invocation): Promise<string> {
  const ids = parseIdList('InstanceId', invocation.instanceIds, maxTargets)
  const rows = await findInstances(ctx.db, ctx, ids)
  for (const instanceId of ids) {
    const row = rows.get(instanceId)
    if (!row) throw apiError(errors['InvalidInstanceId.NotFound'], { instanceId })
    if (row.status !== 'Running') throw apiError(errors['Instance.NotRunning'], { instanceId })
  }
  const { command } = invocation
  const invokeId = newResourceId('t')
  const now = ctx.clock.now()
  const owner = { account_id: ctx.accountId, region_id: ctx.regionId }
  await insertInvocation(
    ctx.db,
    {
      ...owner,
      id: invokeId,
      command_id: invocation.commandId,
      command_name: command.name,
      command_description: command.description,
      command_type: command.type,
      content: command.content,
      script: command.enableParameter ? fillParameters(command.content, invocation.parameters) : command.content,
      parameters: JSON.stringify(invocation.parameters),
      working_dir: invocation.workingDir,
      timeout_s: invocation.timeoutS,
      username: invocation.username,
      created_at: now,
    },
    ids.map((instanceId) => ({
      ...owner,
      invoke_id: invokeId,
      instance_id: instanceId,
      command_id: invocation.commandId,
      status: 'Pending',
      created_at: now,
    })),
  )
  await wakeMachines(
    ctx,
    [...rows.values()].map((row) => row.pool_id),
  )
  return invokeId
}

/** A command's row; `kept` says whether DescribeCommands lists it. */
export function commandRow(ctx: EcsContext, id: string, command: PlannedCommand, kept: boolean) {
  return {
    id,
    account_id: ctx.accountId,
    region_id: ctx.regionId,
    name: command.name,
    description: command.description,
    type: command.type,
    content: command.content,
    working_dir: command.workingDir,
    timeout_s: command.timeoutS,
    enable_parameter: command.enableParameter,
    resource_group_id: command.resourceGroupId,
    kept,
    created_at: ctx.clock.now(),
  }
}
