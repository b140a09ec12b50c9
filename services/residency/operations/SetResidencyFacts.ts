import * as contract from '@pileus/contract/generated/residency'
import { announceChange, write } from '../operation.ts'
import { parseFacts } from '../parameters.ts'
import { putSettings } from '../tables/profiles.ts'

/** Replaces what is known of the account: consents, contracts on file, whether it is a critical operator. */
export const SetResidencyFacts = write(contract.SetResidencyFacts, {
  permission: 'residency:SetResidencyFacts',
  places: 'nowhere',
  scope: 'global',
  async run(ctx, request) {
    await putSettings(ctx.db, ctx.accountId, ctx.clock.now(), { facts: parseFacts(request.Facts) })
    await announceChange(ctx)
    return {}
  },
})
