import * as contract from '@pileus/contract/generated/ram'
import { apiError } from '@pileus/kernel/errors'
import { parseAlias } from '../domain/parameters.ts'
import { ramErrors } from '../errors.ts'
import { write } from '../operation.ts'
import { setAccountAlias } from '../tables/accounts.ts'
import { violatesUnique } from '../tables/violations.ts'

/** Names the account; no two accounts share an alias. */
export const SetAccountAlias = write(contract.SetAccountAlias, {
  permission: 'ram:SetAccountAlias',
  resources: () => ['*'],
  places: 'nowhere',
  scope: 'global',
  async run(ctx, request) {
    const alias = parseAlias(request.AccountAlias)
    try {
      await setAccountAlias(ctx.db, ctx.accountId, alias)
    } catch (error) {
      if (!violatesUnique(error, 'accounts_alias_key')) throw error
      throw apiError(ramErrors['EntityAlreadyExists.Alias'], { alias })
    }
    return {}
  },
})
