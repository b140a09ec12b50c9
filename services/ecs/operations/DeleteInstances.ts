import * as contract from '@pileus/contract/generated/ecs'
import { parseIdList } from '../domain/id-lists.ts'
import { write } from '../operation.ts'
import { deleteInstances } from '../power.ts'
import { lockInstances } from '../tables/instances.ts'

/** Deletes all of them or, when one cannot be deleted, none. */
export const DeleteInstances = write(contract.DeleteInstances, {
  permission: 'ecs:DeleteInstances',
  resources: (request) => request.InstanceId.map((id) => `instance/${id}`),
  places: 'nowhere',
  idempotentBy: (request) => request.ClientToken,
  dryRunBy: (request) => request.DryRun,
  async run(ctx, request) {
    const rows = await lockInstances(ctx.db, ctx, parseIdList('InstanceId', request.InstanceId, 100))
    await deleteInstances(ctx, rows, { force: request.Force ?? false })
    return {}
  },
})
