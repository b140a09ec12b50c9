import * as contract from '@pileus/contract/generated/ecs'
import { parsePage } from '@pileus/kernel/pagination'
import { parseJsonList } from '../domain/id-lists.ts'
import { read } from '../operation.ts'
import { listInstances } from '../tables/instance-lists.ts'
import { pageFields } from '../tables/paging.ts'

/** Private pools are not offered, so no instance matches one. */
export const DescribeInstanceAttachmentAttributes = read(contract.DescribeInstanceAttachmentAttributes, {
  permission: 'ecs:DescribeInstanceAttachmentAttributes',
  resources: () => ['instance/*'],
  places: 'nowhere',
  async run(ctx, request) {
    const page = parsePage({ PageNumber: request.PageNumber, PageSize: request.PageSize })
    const ids = parseJsonList('InstanceIds', request.InstanceIds) ?? []
    const listed = await listInstances(ctx.db, ctx, { ids }, page)
    return {
      Instances: {
        Instance: listed.rows.map((row) => ({
          InstanceId: row.id,
          PrivatePoolOptionsMatchCriteria: 'None',
          PrivatePoolOptionsId: '',
        })),
      },
      ...pageFields(page, listed),
    }
  },
})
