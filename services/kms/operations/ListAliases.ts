import * as contract from '@pileus/contract/generated/kms'
import { describeAlias, parseNumberedPage } from '../domain/listing.ts'
import { read } from '../operation.ts'
import { listAliases } from '../tables/aliases.ts'

/** Names of keys in the region, a page at a time. */
export const ListAliases = read(contract.ListAliases, {
  permission: 'kms:ListAliases',
  resources: () => ['alias'],
  places: 'nowhere',
  async run(ctx, request) {
    const page = parseNumberedPage(request)
    const { aliases, total } = await listAliases(ctx.db, ctx, undefined, page)
    return {
      Aliases: { Alias: aliases.map((alias) => describeAlias(ctx, alias)) },
      PageNumber: page.pageNumber,
      PageSize: page.pageSize,
      TotalCount: total,
    }
  },
})
