import * as contract from '@pileus/contract/generated/ecs'
import { planInstances } from '../domain/plan-instances.ts'
import { launch } from '../launch.ts'
import { write } from '../operation.ts'

/** Creates 1–100 instances; answers when their records exist in `Pending`. Boot goes on after. */
export const RunInstances = write(contract.RunInstances, {
  permission: 'ecs:RunInstances',
  resources: () => ['instance/*'],
  places: (_request, regionId) => regionId,
  idempotentBy: (request) => request.ClientToken,
  dryRunBy: (request) => request.DryRun,
  async run(ctx, request) {
    const plan = planInstances(request, ctx.clock.now())
    const ids = await launch(ctx, plan, 'on')
    return { InstanceIdSets: { InstanceIdSet: ids } }
  },
})
