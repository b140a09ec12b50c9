import * as contract from '@pileus/contract/generated/kms'
import { keyResource } from '../domain/key-ref.ts'
import { describeAlias, parseNumberedPage } from '../domain/listing.ts'
import { getKey } from '../keys.ts'
import { read } from '../operation.ts'
import { listAliases } from '../tables/aliases.ts'

/** Names of a key, a page at a time. */
export const ListAliasesByKeyId = read(contract.ListAliasesByKeyId, {
  permission: 'kms:ListAliasesByKeyId',
  resources: (request) => [keyResource(request.KeyId)],
  places: 'nowhere',
  async run(ctx, request) {
    const page = parseNumberedPage(request)
    const key = await getKey(ctx, request.KeyId)
    const { aliases, total } = await listAliases(ctx.db, ctx, key.key_id, page)
    return {
      Aliases: { Alias: aliases.map((alias) => describeAlias(ctx, alias)) },
      PageNumber: page.pageNumber,
      PageSize: page.pageSize,
      TotalCount: total,
    }
  },
})
