import * as contract from '@pileus/contract/generated/ecs'
import { apiError, commonErrors } from '@pileus/kernel/errors'
import { namedInJson, parseJsonList } from '../domain/id-lists.ts'
import { write } from '../operation.ts'
import { lockInstances, updateInstance } from '../tables/instances.ts'
import { wakeMachines } from '../wake-machines.ts'

/** Credentials that guests have read already last until they expire. */
export const DetachInstanceRamRole = write(contract.DetachInstanceRamRole, {
  permission: 'ecs:DetachInstanceRamRole',
  resources: (request) => namedInJson(request.InstanceIds).map((id) => `instance/${id}`),
  places: 'nowhere',
  async run(ctx, request) {
    const ids = parseJsonList('InstanceIds', request.InstanceIds, 100)
    if (!ids?.length) throw apiError(commonErrors.MissingParameter, { parameter: 'InstanceIds' })
    const rows = await lockInstances(ctx.db, ctx, ids)
    const { RamRoleName: wanted } = request
    const had = rows.filter((row) => row.ram_role_name !== null && (!wanted || row.ram_role_name === wanted))
    for (const row of had) await updateInstance(ctx.db, row.id, { ram_role_name: null })
    await wakeMachines(
      ctx,
      had.map((row) => row.pool_id),
    )
    const success = { Success: true, Code: '200', Message: 'success' }
    return {
      RamRoleName: wanted ?? '',
      TotalCount: rows.length,
      FailCount: 0,
      DetachInstanceRamRoleResults: {
        DetachInstanceRamRoleResult: rows.map((row) => ({
          InstanceId: row.id,
          ...success,
          InstanceRamRoleSets: {
            InstanceRamRoleSet: had.includes(row) ? [{ InstanceId: row.id, RamRoleName: row.ram_role_name ?? '' }] : [],
          },
        })),
      },
    }
  },
})
