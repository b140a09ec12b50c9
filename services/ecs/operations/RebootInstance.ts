import * as contract from '@pileus/contract/generated/ecs'
import { write } from '../operation.ts'
import { rebootInstance } from '../power.ts'
import { lockInstance } from '../tables/instances.ts'

export const RebootInstance = write(contract.RebootInstance, {
  permission: 'ecs:RebootInstance',
  resources: (request) => [`instance/${request.InstanceId}`],
  places: 'nowhere',
  dryRunBy: (request) => request.DryRun,
  async run(ctx, request) {
    const row = await lockInstance(ctx.db, ctx, request.InstanceId)
    await rebootInstance(ctx, row, request.ForceStop ?? false)
    return {}
  },
})
