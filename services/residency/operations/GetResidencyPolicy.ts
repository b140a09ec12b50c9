import * as contract from '@pileus/contract/generated/residency'
import { apiError } from '@pileus/kernel/errors'
import { residencyErrors } from '../errors.ts'
import { read } from '../operation.ts'
import { getSettings } from '../tables/profiles.ts'

/** Where the account lets its data be. */
export const GetResidencyPolicy = read(contract.GetResidencyPolicy, {
  permission: 'residency:GetResidencyPolicy',
  places: 'nowhere',
  scope: 'global',
  async run(ctx) {
    const { allowedPlaces } = await getSettings(ctx.db, ctx.accountId)
    if (!allowedPlaces) throw apiError(residencyErrors['EntityNotExist.Policy'])
    return { AllowedPlaces: { AllowedPlace: [...allowedPlaces] } }
  },
})
