import * as contract from '@pileus/contract/generated/ecs'
import { apiError, commonErrors } from '@pileus/kernel/errors'
import { parsePage } from '@pileus/kernel/pagination'
import { listTags } from '@pileus/kernel/tags'
import { describeDisk } from '../describe-disk.ts'
import { parseDiskFilter } from '../domain/disk-filter.ts'
import { read } from '../operation.ts'
import { listDisks } from '../tables/disks.ts'
import { pageFields } from '../tables/paging.ts'

export const DescribeDisks = read(contract.DescribeDisks, {
  permission: 'ecs:DescribeDisks',
  resources: () => ['disk/*'],
  places: 'nowhere',
  async run(ctx, request) {
    if (request.DryRun) throw apiError(commonErrors.DryRunOperation)
    const page = parsePage(request)
    const listed = await listDisks(ctx.db, ctx, parseDiskFilter(request), page)
    const ids = listed.rows.map((row) => row.id)
    const tags = await listTags(ctx.db, { product: 'ecs', resourceType: 'disk' }, ids)
    return {
      Disks: { Disk: listed.rows.map((row) => describeDisk(row, tags.get(row.id) ?? [])) },
      ...pageFields(page, listed),
    }
  },
})
