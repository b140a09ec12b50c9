import * as contract from '@pileus/contract/generated/ram'
import { apiError } from '@pileus/kernel/errors'
import { ramErrors } from '../errors.ts'
import { read } from '../operation.ts'
import { findAccountAlias } from '../tables/accounts.ts'

/** The alias of the account. */
export const GetAccountAlias = read(contract.GetAccountAlias, {
  permission: 'ram:GetAccountAlias',
  resources: () => ['*'],
  places: 'nowhere',
  scope: 'global',
  async run(ctx) {
    const alias = await findAccountAlias(ctx.db, ctx.accountId)
    if (alias === undefined) throw apiError(ramErrors['EntityNotExist.Alias'])
    return { AccountAlias: alias }
  },
})
