import * as contract from '@pileus/contract/generated/ecs'
import { parseJsonList } from '../domain/id-lists.ts'
import { read } from '../operation.ts'
import { findInstances } from '../tables/instances.ts'

/** Instances here have no RAM roles: those asked about answer an empty name. */
export const DescribeInstanceRamRole = read(contract.DescribeInstanceRamRole, {
  permission: 'ecs:DescribeInstanceRamRole',
  resources: () => ['instance/*'],
  places: 'nowhere',
  async run(ctx, request) {
    const ids = request.RamRoleName ? [] : (parseJsonList('InstanceIds', request.InstanceIds) ?? [])
    const rows = await findInstances(ctx.db, ctx, ids)
    const sets = ids.filter((id) => rows.has(id)).map((id) => ({ InstanceId: id, RamRoleName: '' }))
    return { RegionId: ctx.regionId, TotalCount: sets.length, InstanceRamRoleSets: { InstanceRamRoleSet: sets } }
  },
})
