import * as contract from '@pileus/contract/generated/ecs'
import { planInstances } from '../domain/plan-instances.ts'
import { askToPass } from '../instance-roles.ts'
import { launch } from '../launch.ts'
import { launchResources } from '../launch-resources.ts'
import { write } from '../operation.ts'

/** Creates one instance, which comes to rest in `Stopped`. */
export const CreateInstance = write(contract.CreateInstance, {
  permission: 'ecs:CreateInstance',
  resources: launchResources,
  alsoAsks: (request, accountId) => askToPass(request.RamRoleName, accountId),
  places: (_request, regionId) => regionId,
  idempotentBy: (request) => request.ClientToken,
  dryRunBy: (request) => request.DryRun,
  async run(ctx, request) {
    const plan = planInstances(request, ctx.clock.now())
    const [instanceId] = await launch(ctx, plan, 'off')
    return { InstanceId: instanceId }
  },
})
