import * as contract from '@pileus/contract/generated/kms'
import { parseFilters, parseNumberedPage } from '../domain/listing.ts'
import { keyArn } from '../keys.ts'
import { read } from '../operation.ts'
import { listKeys } from '../tables/keys.ts'

/** Ids of the keys in the region, a page at a time; Filters narrows them. */
export const ListKeys = read(contract.ListKeys, {
  permission: 'kms:ListKeys',
  resources: () => ['key'],
  places: 'nowhere',
  async run(ctx, request) {
    const page = parseNumberedPage(request)
    const { keyIds, total } = await listKeys(ctx.db, ctx, parseFilters(request.Filters), page)
    const arn = (keyId: string) => keyArn({ account_id: ctx.accountId, region_id: ctx.regionId, key_id: keyId })
    return {
      Keys: { Key: keyIds.map((keyId) => ({ KeyId: keyId, KeyArn: arn(keyId) })) },
      PageNumber: page.pageNumber,
      PageSize: page.pageSize,
      TotalCount: total,
    }
  },
})
