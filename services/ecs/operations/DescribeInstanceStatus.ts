import * as contract from '@pileus/contract/generated/ecs'
import { parsePage } from '@pileus/kernel/pagination'
import { read } from '../operation.ts'
import { listInstances } from '../tables/instance-lists.ts'

export const DescribeInstanceStatus = read(contract.DescribeInstanceStatus, {
  permission: 'ecs:DescribeInstanceStatus',
  resources: (request) => (request.InstanceId?.length ? request.InstanceId : ['*']).map((id) => `instance/${id}`),
  places: 'nowhere',
  async run(ctx, request) {
    const page = parsePage(
      { PageNumber: request.PageNumber, PageSize: request.PageSize },
      { defaultSize: 10, maxSize: 50 },
    )
    const ids = request.InstanceId?.length ? request.InstanceId : undefined
    const listed = await listInstances(ctx.db, ctx, { ids, zoneId: request.ZoneId || undefined }, page)
    return {
      InstanceStatuses: { InstanceStatus: listed.rows.map((row) => ({ InstanceId: row.id, Status: row.status })) },
      TotalCount: listed.totalCount,
      PageNumber: page.kind === 'number' ? page.pageNumber : 1,
      PageSize: page.kind === 'number' ? page.pageSize : page.limit,
    }
  },
})
