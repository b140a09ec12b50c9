import * as contract from '@pileus/contract/generated/ecs'
import { newResourceId } from '@pileus/kernel/ids'
import { planCommand, refuseUnsupportedInvocation } from '../domain/commands.ts'
import { commandRow, invoke } from '../invoke.ts'
import { write } from '../operation.ts'
import { countInvocation, insertCommand } from '../tables/commands.ts'

/** Runs a script once on running instances; with `KeepCommand` it can be run again by its id. */
export const RunCommand = write(contract.RunCommand, {
  permission: 'ecs:RunCommand',
  resources: (request) => [...(request.InstanceId ?? []).map((id) => `instance/${id}`), 'command/*'],
  places: (_request, regionId) => regionId,
  idempotentBy: (request) => request.ClientToken,
  async run(ctx, request) {
    refuseUnsupportedInvocation(request)
    const command = planCommand(request, 'PlainText')
    const commandId = newResourceId('c')
    await insertCommand(ctx.db, commandRow(ctx, commandId, command, request.KeepCommand ?? false))
    await countInvocation(ctx.db, commandId)
    const invokeId = await invoke(ctx, {
      commandId,
      command,
      timeoutS: command.timeoutS,
      workingDir: command.workingDir,
      username: request.Username || 'root',
      parameters: request.Parameters ?? {},
      instanceIds: request.InstanceId,
    })
    return { CommandId: commandId, InvokeId: invokeId }
  },
})
