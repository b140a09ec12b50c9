import * as contract from '@pileus/contract/generated/ram'
import { write } from '../operation.ts'
import { setAccountAlias } from '../tables/accounts.ts'

/** Takes the alias from the account. */
export const ClearAccountAlias = write(contract.ClearAccountAlias, {
  permission: 'ram:ClearAccountAlias',
  resources: () => ['*'],
  places: 'nowhere',
  scope: 'global',
  async run(ctx) {
    await setAccountAlias(ctx.db, ctx.accountId, undefined)
    return {}
  },
})
