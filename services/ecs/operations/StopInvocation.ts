import * as contract from '@pileus/contract/generated/ecs'
import { apiError } from '@pileus/kernel/errors'
import { errors } from '../errors.ts'
import { write } from '../operation.ts'
import { findInvocationTargets, lockTargets, requestStop } from '../tables/commands.ts'
import { listPoolIds } from '../tables/instances.ts'
import { wakeMachines } from '../wake-machines.ts'

/** Asks the guests to end what still runs; on all instances of the invocation, or on those named. */
export const StopInvocation = write(contract.StopInvocation, {
  permission: 'ecs:StopInvocation',
  async findResources(lookup, request) {
    const found = await findInvocationTargets(lookup.db, lookup, request.InvokeId)
    const named = request.InstanceId?.length ? request.InstanceId : found.instanceIds
    return [...named.map((id) => `instance/${id}`), `command/${found.commandId ?? '*'}`]
  },
  places: 'nowhere',
  async run(ctx, request) {
    const targets = await lockTargets(ctx.db, ctx, request.InvokeId)
    const known = targets.map((target) => target.instance_id)
    for (const instanceId of request.InstanceId ?? []) {
      if (!known.includes(instanceId)) throw apiError(errors['InvalidInstanceId.NotFound'], { instanceId })
    }
    const wanted = request.InstanceId?.length ? request.InstanceId : known
    await requestStop(ctx.db, request.InvokeId, wanted)
    await wakeMachines(ctx, await listPoolIds(ctx.db, wanted))
    return {}
  },
})
