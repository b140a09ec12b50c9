import * as contract from '@pileus/contract/generated/ecs'
import { apiError, commonErrors } from '@pileus/kernel/errors'
import { parsePage } from '@pileus/kernel/pagination'
import { listTags } from '@pileus/kernel/tags'
import { describeInstance } from '../describe-instance.ts'
import { parseInstanceFilter } from '../domain/instance-filter.ts'
import { read } from '../operation.ts'
import { listInstances } from '../tables/instance-lists.ts'
import { pageFields } from '../tables/paging.ts'

/** Newest first. The tables are joined by one query each for the whole page. */
export const DescribeInstances = read(contract.DescribeInstances, {
  permission: 'ecs:DescribeInstances',
  resources: () => ['instance/*'],
  places: 'nowhere',
  async run(ctx, request) {
    if (request.DryRun) throw apiError(commonErrors.DryRunOperation)
    const page = parsePage(request)
    const { filter, network } = parseInstanceFilter(request)
    if (network) {
      const ids = await ctx.vpc.listInstanceIds(ctx.db, ctx, network)
      filter.ids = filter.ids ? filter.ids.filter((id) => ids.includes(id)) : ids
    }
    const listed = await listInstances(ctx.db, ctx, filter, page)
    const ids = listed.rows.map((row) => row.id)
    const [nics, tags] = await Promise.all([
      ctx.vpc.listNicsOfInstances(ctx.db, ids),
      listTags(ctx.db, { product: 'ecs', resourceType: 'instance' }, ids),
    ])
    return {
      Instances: {
        Instance: listed.rows.map((row) =>
          describeInstance({ row, nics: nics.get(row.id) ?? [], tags: tags.get(row.id) ?? [] }),
        ),
      },
      ...pageFields(page, listed),
    }
  },
})
