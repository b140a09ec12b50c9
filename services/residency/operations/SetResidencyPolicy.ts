import * as contract from '@pileus/contract/generated/residency'
import { announceChange, write } from '../operation.ts'
import { parsePlaces } from '../parameters.ts'
import { putSettings } from '../tables/profiles.ts'

/** From now on the account's data is put in these regions and jurisdictions only. What lies elsewhere stays there. */
export const SetResidencyPolicy = write(contract.SetResidencyPolicy, {
  permission: 'residency:SetResidencyPolicy',
  places: 'nowhere',
  scope: 'global',
  async run(ctx, request) {
    const allowedPlaces = parsePlaces(request.AllowedPlace)
    await putSettings(ctx.db, ctx.accountId, ctx.clock.now(), { allowedPlaces })
    await announceChange(ctx)
    return {}
  },
})
