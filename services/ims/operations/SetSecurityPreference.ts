import * as contract from '@pileus/contract/generated/ims'
import * as ram from '@pileus/contract/generated/ram'
import { apiError, commonErrors } from '@pileus/kernel/errors'
import { say } from '@pileus/kernel/messages/text'
import { write } from '../operation.ts'

/** Preferences that RAM has. */
const kept = new Set([
  'AllowUserToChangePassword',
  'AllowUserToManageAccessKeys',
  'AllowUserToManageMFADevices',
  'EnableSaveMFATicket',
  'LoginNetworkMasks',
  'LoginSessionDuration',
])

/** Changes what is given, and leaves the rest. */
export const SetSecurityPreference = write(contract.SetSecurityPreference, {
  permission: 'ims:SetSecurityPreference',
  places: 'nowhere',
  scope: 'global',
  async run(ctx, request) {
    for (const [parameter, value] of Object.entries(request)) {
      if (kept.has(parameter) || value === undefined || parameter === 'RegionId') continue
      throw apiError(commonErrors.InvalidParameter, {
        parameter,
        reason: say`this cloud does not keep this preference.`,
      })
    }
    return await ctx.ram.run(ram.SetSecurityPreference, ctx, request)
  },
})
