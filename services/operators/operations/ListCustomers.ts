import * as contract from '@pileus/contract/generated/operators'
import { describeCustomer, pageOf, tokenAfter } from '../answers.ts'
import { getCallingOperator, read } from '../operation.ts'
import { listCustomers } from '../tables/customers.ts'

/** The operator's customers, by account id. */
export const ListCustomers = read(contract.ListCustomers, {
  permission: 'operators:ListCustomers',
  places: 'nowhere',
  scope: 'global',
  async run(ctx, request) {
    const operator = await getCallingOperator(ctx)
    const page = pageOf(request)
    const found = await listCustomers(ctx.db, operator.id, page)
    return {
      Customers: { Customer: found.slice(0, page.limit).map(describeCustomer) },
      ...tokenAfter(found, page.limit, (row) => row.account_id),
    }
  },
})
