import * as contract from '@pileus/contract/generated/ecs'
import { write } from '../operation.ts'
import { startInstance } from '../power.ts'
import { lockInstance } from '../tables/instances.ts'

export const StartInstance = write(contract.StartInstance, {
  permission: 'ecs:StartInstance',
  resources: (request) => [`instance/${request.InstanceId}`],
  places: 'nowhere',
  dryRunBy: (request) => request.DryRun,
  async run(ctx, request) {
    await startInstance(ctx, await lockInstance(ctx.db, ctx, request.InstanceId))
    return {}
  },
})
