import * as contract from '@pileus/contract/generated/ims'
import * as ram from '@pileus/contract/generated/ram'
import { write } from '../operation.ts'
import { parseUserName, userResource } from '../user-names.ts'

/** Takes the password for the console from a user. */
export const DeleteLoginProfile = write(contract.DeleteLoginProfile, {
  permission: 'ims:DeleteLoginProfile',
  resources: userResource,
  places: 'nowhere',
  scope: 'global',
  async run(ctx, request) {
    const UserName = await parseUserName(ctx, request.UserPrincipalName)
    return await ctx.ram.run(ram.DeleteLoginProfile, ctx, { UserName })
  },
})
