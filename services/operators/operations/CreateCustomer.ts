import * as contract from '@pileus/contract/generated/operators'
import { getCallingOperator, write } from '../operation.ts'
import { insertCustomer } from '../tables/customers.ts'

/**
 * Opens an account for a customer of the operator, whose identity is yet to be verified. The key is shown once; the
 * customer makes others and deletes this one, and no operator can make a key for an account that exists.
 */
export const CreateCustomer = write(contract.CreateCustomer, {
  permission: 'operators:CreateCustomer',
  places: 'nowhere',
  scope: 'global',
  async run(ctx, request) {
    const operator = await getCallingOperator(ctx)
    const account = await ctx.ram.createAccount(ctx.db)
    await insertCustomer(ctx.db, {
      account_id: account.accountId,
      operator_id: operator.id,
      identity_status: 'Unverified',
      identity_reference: request.IdentityReference ?? '',
      created_at: ctx.clock.now(),
    })
    return {
      AccountId: account.accountId,
      AccessKeyId: account.accessKeyId,
      AccessKeySecret: account.accessKeySecret,
    }
  },
})
