import * as contract from '@pileus/contract/generated/kms'
import { listTagRows, listTags } from '@pileus/kernel/tags'
import { parseNumberedPage } from '../domain/listing.ts'
import { isTrue } from '../domain/parameters.ts'
import { parseSecretFilters } from '../domain/secret-parameters.ts'
import { read } from '../operation.ts'
import { describeSecret, describeTags } from '../secrets.ts'
import { listSecrets } from '../tables/secrets.ts'
import { secretTags } from '../tagging.ts'

/** Secrets of the region, without their values, a page at a time. */
export const ListSecrets = read(contract.ListSecrets, {
  permission: 'kms:ListSecrets',
  resources: () => ['secret'],
  places: 'nowhere',
  async run(ctx, request) {
    const page = parseNumberedPage(request)
    const filter = parseSecretFilters(request.Filters)
    let secretIds: string[] | undefined
    if (filter.tags.length > 0) {
      const rows = await listTagRows(
        ctx.db,
        secretTags(ctx),
        { tags: filter.tags },
        { after: undefined, limit: 10_000 },
      )
      secretIds = [...new Set(rows.map((row) => row.resource_id))]
    }
    const found = await listSecrets(ctx.db, ctx, { nameHolds: filter.nameHolds, secretIds }, page)
    const ids = found.secrets.map((secret) => secret.secret_id)
    const tags = isTrue(request.FetchTags) ? await listTags(ctx.db, secretTags(ctx), ids) : undefined
    return {
      SecretList: {
        Secret: found.secrets.map((secret) => ({
          ...describeSecret(secret),
          ...(tags ? { Tags: describeTags(tags.get(secret.secret_id)) } : {}),
        })),
      },
      PageNumber: page.pageNumber,
      PageSize: page.pageSize,
      TotalCount: found.total,
    }
  },
})
