import * as contract from '@pileus/contract/generated/ecs'
import { changeEach } from '../change-each.ts'
import { parseStoppedMode } from '../domain/lifecycle.ts'
import { write } from '../operation.ts'
import { stopInstance } from '../power.ts'

export const StopInstances = write(contract.StopInstances, {
  permission: 'ecs:StopInstances',
  resources: (request) => request.InstanceId.map((id) => `instance/${id}`),
  places: 'nowhere',
  dryRunBy: (request) => request.DryRun,
  async run(ctx, request) {
    const mode = parseStoppedMode(request)
    return await changeEach(ctx, request, (one, row) =>
      stopInstance(one, row, { force: request.ForceStop ?? false, mode }),
    )
  },
})
