import * as contract from '@pileus/contract/generated/ecs'
import { type PlannedCommand, parseTimeout, refuseUnsupportedInvocation } from '../domain/commands.ts'
import { invoke } from '../invoke.ts'
import { write } from '../operation.ts'
import { countInvocation, getCommand } from '../tables/commands.ts'

export const InvokeCommand = write(contract.InvokeCommand, {
  permission: 'ecs:InvokeCommand',
  resources: (request) => [...(request.InstanceId ?? []).map((id) => `instance/${id}`), `command/${request.CommandId}`],
  places: (_request, regionId) => regionId,
  idempotentBy: (request) => request.ClientToken,
  async run(ctx, request) {
    refuseUnsupportedInvocation(request)
    const row = await getCommand(ctx.db, ctx, request.CommandId)
    const command: PlannedCommand = {
      name: row.name,
      description: row.description,
      type: 'RunShellScript',
      content: row.content,
      workingDir: row.working_dir,
      timeoutS: row.timeout_s,
      enableParameter: row.enable_parameter,
      resourceGroupId: row.resource_group_id,
    }
    const invokeId = await invoke(ctx, {
      commandId: row.id,
      command,
      timeoutS: parseTimeout(request.Timeout) ?? command.timeoutS,
      workingDir: request.WorkingDir || command.workingDir,
      username: request.Username || 'root',
      parameters: request.Parameters ?? {},
      instanceIds: request.InstanceId,
    })
    await countInvocation(ctx.db, row.id)
    return { InvokeId: invokeId }
  },
})
