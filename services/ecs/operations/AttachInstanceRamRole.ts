import * as contract from '@pileus/contract/generated/ecs'
import { apiError, commonErrors } from '@pileus/kernel/errors'
import { namedInJson, parseJsonList } from '../domain/id-lists.ts'
import { errors } from '../errors.ts'
import { askToPass, getInstanceRole } from '../instance-roles.ts'
import { write } from '../operation.ts'
import { lockInstances, updateInstance } from '../tables/instances.ts'
import { wakeMachines } from '../wake-machines.ts'

/** Guests find credentials of the role in their metadata soon after. */
export const AttachInstanceRamRole = write(contract.AttachInstanceRamRole, {
  permission: 'ecs:AttachInstanceRamRole',
  resources: (request) => namedInJson(request.InstanceIds).map((id) => `instance/${id}`),
  alsoAsks: (request, accountId) => askToPass(request.RamRoleName, accountId),
  places: 'nowhere',
  async run(ctx, request) {
    const ids = parseJsonList('InstanceIds', request.InstanceIds, 100)
    if (!ids?.length) throw apiError(commonErrors.MissingParameter, { parameter: 'InstanceIds' })
    if (request.Policy) {
      const reason = 'sessions of instances have all permissions of their role; leave it out.'
      throw apiError(commonErrors.InvalidParameter, { parameter: 'Policy', reason })
    }
    const role = await getInstanceRole(ctx, request.RamRoleName)
    const rows = await lockInstances(ctx.db, ctx, ids)
    const other = rows.find((row) => row.ram_role_name !== null && row.ram_role_name !== role.roleName)
    if (other) {
      const facts = { instanceId: other.id, roleName: other.ram_role_name ?? '' }
      throw apiError(errors['InvalidOperation.InstanceRamRoleAttached'], facts)
    }
    for (const row of rows) await updateInstance(ctx.db, row.id, { ram_role_name: role.roleName })
    await wakeMachines(
      ctx,
      rows.map((row) => row.pool_id),
    )
    const success = { Success: true, Code: '200', Message: 'success' }
    return {
      RamRoleName: role.roleName,
      TotalCount: rows.length,
      FailCount: 0,
      AttachInstanceRamRoleResults: {
        AttachInstanceRamRoleResult: rows.map((row) => ({ InstanceId: row.id, ...success })),
      },
    }
  },
})
