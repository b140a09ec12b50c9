import * as contract from '@pileus/contract/generated/residency'
import { announceChange, write } from '../operation.ts'
import { putSettings } from '../tables/profiles.ts'

/** Lets the account's data be in every region, as far as law does. */
export const DeleteResidencyPolicy = write(contract.DeleteResidencyPolicy, {
  permission: 'residency:DeleteResidencyPolicy',
  places: 'nowhere',
  scope: 'global',
  async run(ctx) {
    await putSettings(ctx.db, ctx.accountId, ctx.clock.now(), { allowedPlaces: null })
    await announceChange(ctx)
    return {}
  },
})
