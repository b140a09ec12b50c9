import * as contract from '@pileus/contract/generated/operators'
import { apiError } from '@pileus/kernel/errors'
import { say } from '@pileus/kernel/messages/text'
import { errors } from '../errors.ts'
import { getCallingOperator, write } from '../operation.ts'
import { setIdentity } from '../tables/customers.ts'
import type { IdentityStatus } from '../tables/schema.ts'

const statuses: readonly IdentityStatus[] = ['Unverified', 'Verified', 'Rejected']

/** Says whether a customer has shown who they are; regions whose law asks for that are closed to them until then. */
export const SetCustomerIdentity = write(contract.SetCustomerIdentity, {
  permission: 'operators:SetCustomerIdentity',
  places: 'nowhere',
  scope: 'global',
  async run(ctx, request) {
    const operator = await getCallingOperator(ctx)
    const status = statuses.find((one) => one === request.IdentityStatus)
    if (!status) {
      throw apiError(errors.InvalidParameter, {
        parameter: 'IdentityStatus',
        reason: say`it must be Unverified, Verified or Rejected, and is "${request.IdentityStatus}".`,
      })
    }
    const identity = { status, reference: request.IdentityReference }
    if (!(await setIdentity(ctx.db, operator.id, request.AccountId, identity))) {
      throw apiError(errors['EntityNotExist.Account'], { accountId: request.AccountId })
    }
    await ctx.wake('operators.customers')
    return {}
  },
})
