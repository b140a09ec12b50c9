import * as contract from '@pileus/contract/generated/ecs'
import { planInstances } from '../domain/plan-instances.ts'
import { askToPass } from '../instance-roles.ts'
import { launch } from '../launch.ts'
import { launchResources } from '../launch-resources.ts'
import { write } from '../operation.ts'

/** Creates 1–100 instances; answers when their records exist in `Pending`. Boot goes on after. */
export const RunInstances = write(contract.RunInstances, {
  permission: 'ecs:RunInstances',
  resources: launchResources,
  alsoAsks: (request, accountId) => askToPass(request.RamRoleName, accountId),
  places: (_request, regionId) => regionId,
  idempotentBy: (request) => request.ClientToken,
  dryRunBy: (request) => request.DryRun,
  async run(ctx, request) {
    const plan = planInstances(request, ctx.clock.now())
    const ids = await launch(ctx, plan, 'on')
    return { InstanceIdSets: { InstanceIdSet: ids } }
  },
})
