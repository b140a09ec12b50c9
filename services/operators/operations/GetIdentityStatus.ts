import * as contract from '@pileus/contract/generated/operators'
import { describeCustomer } from '../answers.ts'
import { read } from '../operation.ts'
import { findCustomer } from '../tables/customers.ts'

/** Whose customer the caller is, and whether its identity is verified. An installation's own accounts are nobody's. */
export const GetIdentityStatus = read(contract.GetIdentityStatus, {
  permission: 'operators:GetIdentityStatus',
  places: 'nowhere',
  scope: 'global',
  async run(ctx) {
    const row = await findCustomer(ctx.db, ctx.accountId)
    return { Customer: row ? describeCustomer(row) : { AccountId: ctx.accountId, IdentityStatus: 'NotRequired' } }
  },
})
