import * as contract from '@pileus/contract/generated/ecs'
import { parseStoppedMode } from '../domain/lifecycle.ts'
import { write } from '../operation.ts'
import { stopInstance } from '../power.ts'
import { lockInstance } from '../tables/instances.ts'

export const StopInstance = write(contract.StopInstance, {
  permission: 'ecs:StopInstance',
  resources: (request) => [`instance/${request.InstanceId}`],
  places: 'nowhere',
  dryRunBy: (request) => request.DryRun,
  async run(ctx, request) {
    const mode = parseStoppedMode(request)
    const row = await lockInstance(ctx.db, ctx, request.InstanceId)
    await stopInstance(ctx, row, { force: request.ForceStop ?? false, mode })
    return {}
  },
})
