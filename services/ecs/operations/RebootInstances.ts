import * as contract from '@pileus/contract/generated/ecs'
import { changeEach } from '../change-each.ts'
import { write } from '../operation.ts'
import { rebootInstance } from '../power.ts'

export const RebootInstances = write(contract.RebootInstances, {
  permission: 'ecs:RebootInstances',
  resources: (request) => request.InstanceId.map((id) => `instance/${id}`),
  places: 'nowhere',
  dryRunBy: (request) => request.DryRun,
  async run(ctx, request) {
    return await changeEach(ctx, request, (one, row) => rebootInstance(one, row, request.ForceReboot ?? false))
  },
})
