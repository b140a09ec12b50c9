import * as contract from '@pileus/contract/generated/ecs'
import { changeEach } from '../change-each.ts'
import { write } from '../operation.ts'
import { startInstance } from '../power.ts'

export const StartInstances = write(contract.StartInstances, {
  permission: 'ecs:StartInstances',
  resources: (request) => request.InstanceId.map((id) => `instance/${id}`),
  places: 'nowhere',
  dryRunBy: (request) => request.DryRun,
  async run(ctx, request) {
    return await changeEach(ctx, request, (one, row) => startInstance(one, row))
  },
})
