import * as contract from '@pileus/contract/generated/ram'
import { write } from '../operation.ts'
import { changed, describePreferences, inForce } from '../security-preferences.ts'
import { lockAccount } from '../tables/accounts.ts'
import { findPreferences, savePreferences } from '../tables/security-preferences.ts'

/** Changes what is given, and leaves the rest. */
export const SetSecurityPreference = write(contract.SetSecurityPreference, {
  permission: 'ram:SetSecurityPreference',
  resources: () => ['*'],
  places: 'nowhere',
  scope: 'global',
  async run(ctx, request) {
    await lockAccount(ctx.db, ctx.accountId)
    const preferences = changed(await findPreferences(ctx.db, ctx.accountId), request)
    await savePreferences(ctx.db, ctx.accountId, preferences)
    return { SecurityPreference: describePreferences(inForce(preferences)) }
  },
})
