import * as contract from '@pileus/contract/generated/ecs'
import { write } from '../operation.ts'
import { deleteInstances } from '../power.ts'
import { lockInstance } from '../tables/instances.ts'

/** Answers when the instance is no longer listed; its address is free once its host has removed the machine. */
export const DeleteInstance = write(contract.DeleteInstance, {
  permission: 'ecs:DeleteInstance',
  resources: (request) => [`instance/${request.InstanceId}`],
  places: 'nowhere',
  dryRunBy: (request) => request.DryRun,
  async run(ctx, request) {
    const row = await lockInstance(ctx.db, ctx, request.InstanceId)
    await deleteInstances(ctx, [row], { force: request.Force ?? false })
    return {}
  },
})
