import * as contract from '@pileus/contract/generated/operators'
import { isoSeconds } from '@pileus/kernel/clock'
import { pageOf, tokenAfter } from '../answers.ts'
import { getCallingOperator, read } from '../operation.ts'
import { listFilings } from '../tables/filings.ts'

/** Filings that the operator registered, by domain. */
export const ListWebsiteFilings = read(contract.ListWebsiteFilings, {
  permission: 'operators:ListWebsiteFilings',
  places: 'nowhere',
  scope: 'global',
  async run(ctx, request) {
    const operator = await getCallingOperator(ctx)
    const page = pageOf(request)
    const found = await listFilings(ctx.db, operator.id, page)
    const filings = found.slice(0, page.limit).map((row) => ({
      Domain: row.domain,
      Jurisdiction: row.jurisdiction,
      FilingNumber: row.filing_number,
      AccountId: row.account_id,
      OperatorId: row.operator_id,
      CreateTime: isoSeconds(row.created_at),
    }))
    return {
      Filings: { Filing: filings },
      ...tokenAfter(found, page.limit, (row) => `${row.domain} ${row.jurisdiction}`),
    }
  },
})
