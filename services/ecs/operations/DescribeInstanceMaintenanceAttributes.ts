import * as contract from '@pileus/contract/generated/ecs'
import { parsePage } from '@pileus/kernel/pagination'
import { read } from '../operation.ts'
import { listInstances } from '../tables/instance-lists.ts'
import { pageFields } from '../tables/paging.ts'

export const DescribeInstanceMaintenanceAttributes = read(contract.DescribeInstanceMaintenanceAttributes, {
  permission: 'ecs:DescribeInstanceMaintenanceAttributes',
  resources: (request) => (request.InstanceId?.length ? request.InstanceId : ['*']).map((id) => `instance/${id}`),
  places: 'nowhere',
  async run(ctx, request) {
    const page = parsePage({ PageNumber: request.PageNumber, PageSize: request.PageSize })
    const ids = request.InstanceId?.length ? request.InstanceId : undefined
    const listed = await listInstances(ctx.db, ctx, { ids }, page)
    return {
      MaintenanceAttributes: {
        MaintenanceAttribute: listed.rows.map((row) => ({
          InstanceId: row.id,
          ActionOnMaintenance: {
            Value: 'AutoRecover',
            DefaultValue: 'AutoRecover',
            SupportedValues: { SupportedValue: ['AutoRecover'] },
          },
          MaintenanceWindows: { MaintenanceWindow: [] },
          NotifyOnMaintenance: false,
        })),
      },
      ...pageFields(page, listed),
    }
  },
})
