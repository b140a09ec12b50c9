import * as contract from '@pileus/contract/generated/ims'
import * as ram from '@pileus/contract/generated/ram'
import { write } from '../operation.ts'
import { parseUserName, userResource } from '../user-names.ts'

/** Takes the MFA device from a user; the device stays. */
export const UnbindMFADevice = write(contract.UnbindMFADevice, {
  permission: 'ims:UnbindMFADevice',
  resources: userResource,
  places: 'nowhere',
  scope: 'global',
  async run(ctx, request) {
    const UserName = await parseUserName(ctx, request.UserPrincipalName)
    return await ctx.ram.run(ram.UnbindMFADevice, ctx, { UserName })
  },
})
