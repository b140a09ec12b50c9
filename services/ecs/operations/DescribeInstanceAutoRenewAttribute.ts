import * as contract from '@pileus/contract/generated/ecs'
import { parsePage } from '@pileus/kernel/pagination'
import { read } from '../operation.ts'
import { listInstances } from '../tables/instance-lists.ts'
import { pageFields } from '../tables/paging.ts'

/** PostPaid instances are never renewed. */
export const DescribeInstanceAutoRenewAttribute = read(contract.DescribeInstanceAutoRenewAttribute, {
  permission: 'ecs:DescribeInstanceAutoRenewAttribute',
  resources: () => ['instance/*'],
  places: 'nowhere',
  async run(ctx, request) {
    const page = parsePage({
      PageNumber: request.PageNumber ? Number(request.PageNumber) : undefined,
      PageSize: request.PageSize ? Number(request.PageSize) : undefined,
    })
    const given = (request.InstanceId ?? '').split(',').filter((id) => id !== '')
    const isOther = Boolean(request.RenewalStatus) && request.RenewalStatus !== 'Normal'
    const ids = isOther ? [] : given.length > 0 ? given : undefined
    const listed = await listInstances(ctx.db, ctx, { ids }, page)
    return {
      InstanceRenewAttributes: {
        InstanceRenewAttribute: listed.rows.map((row) => ({
          InstanceId: row.id,
          AutoRenewEnabled: false,
          Duration: 0,
          PeriodUnit: '',
          RenewalStatus: 'Normal',
          EnableExpectedRenewDay: false,
        })),
      },
      ...pageFields(page, listed),
    }
  },
})
