import * as contract from '@pileus/contract/generated/residency'
import { read } from '../operation.ts'
import { getSettings } from '../tables/profiles.ts'

/** What is known of the account, as a JSON object. */
export const GetResidencyFacts = read(contract.GetResidencyFacts, {
  permission: 'residency:GetResidencyFacts',
  places: 'nowhere',
  scope: 'global',
  async run(ctx) {
    const { facts } = await getSettings(ctx.db, ctx.accountId)
    return { Facts: JSON.stringify(facts) }
  },
})
