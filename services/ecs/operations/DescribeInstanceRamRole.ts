import * as contract from '@pileus/contract/generated/ecs'
import { namedInJson, parseJsonList } from '../domain/id-lists.ts'
import { read } from '../operation.ts'
import { findInstances, listInstancesWithRole } from '../tables/instances.ts'

/** The roles of the instances that are named, or the instances that have the role. */
export const DescribeInstanceRamRole = read(contract.DescribeInstanceRamRole, {
  permission: 'ecs:DescribeInstanceRamRole',
  resources: (request) => {
    const ids = namedInJson(request.InstanceIds)
    return ids.length > 0 ? ids.map((id) => `instance/${id}`) : ['instance/*']
  },
  places: 'nowhere',
  async run(ctx, request) {
    const ids = parseJsonList('InstanceIds', request.InstanceIds)
    const { RamRoleName } = request
    const rows = ids?.length
      ? [...(await findInstances(ctx.db, ctx, ids)).values()]
      : RamRoleName
        ? await listInstancesWithRole(ctx.db, ctx, RamRoleName)
        : []
    const sets = rows
      .filter((row) => !RamRoleName || row.ram_role_name === RamRoleName)
      .map((row) => ({ InstanceId: row.id, RamRoleName: row.ram_role_name ?? '' }))
    const { pageNumber, pageSize } = { pageNumber: request.PageNumber ?? 1, pageSize: request.PageSize ?? 100 }
    const page = sets.slice((pageNumber - 1) * pageSize, pageNumber * pageSize)
    return { RegionId: ctx.regionId, TotalCount: sets.length, InstanceRamRoleSets: { InstanceRamRoleSet: page } }
  },
})
