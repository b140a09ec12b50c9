import * as contract from '@pileus/contract/generated/residency'
import { isoSeconds } from '@pileus/kernel/clock'
import { read } from '../operation.ts'
import { pageOf, parseResourceArn, tokenAfter } from '../parameters.ts'
import { listDeclarations } from '../tables/profiles.ts'

/** By resource and class; what is said of the whole account has no ARN and comes first. */
export const ListDataClasses = read(contract.ListDataClasses, {
  permission: 'residency:ListDataClasses',
  places: 'nowhere',
  scope: 'global',
  async run(ctx, request) {
    const page = pageOf(request)
    const resourceArn = request.ResourceArn && parseResourceArn(request.ResourceArn, ctx.accountId)
    const found = await listDeclarations(ctx.db, ctx.accountId, { ...page, resourceArn: resourceArn || undefined })
    return {
      DataClasses: {
        DataClass: found.slice(0, page.limit).map((row) => ({
          ResourceArn: row.resource_arn,
          DataClass: row.data_class,
          Origin: row.origin,
          CreateTime: isoSeconds(row.created_at),
        })),
      },
      ...tokenAfter(found, page.limit, (row) => `${row.resource_arn} ${row.data_class}`),
    }
  },
})
