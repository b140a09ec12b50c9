import * as contract from '@pileus/contract/generated/ram'
import { read } from '../operation.ts'
import { describePreferences, inForce } from '../security-preferences.ts'
import { findPreferences } from '../tables/security-preferences.ts'

/** How users of the account may sign in, and what they may do about themselves. */
export const GetSecurityPreference = read(contract.GetSecurityPreference, {
  permission: 'ram:GetSecurityPreference',
  resources: () => ['*'],
  places: 'nowhere',
  scope: 'global',
  async run(ctx) {
    return { SecurityPreference: describePreferences(inForce(await findPreferences(ctx.db, ctx.accountId))) }
  },
})
