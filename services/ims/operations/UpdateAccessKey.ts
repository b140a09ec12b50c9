import * as contract from '@pileus/contract/generated/ims'
import * as ram from '@pileus/contract/generated/ram'
import { write } from '../operation.ts'
import { parseOptionalUserName, userResource } from '../user-names.ts'

/** Enables or disables an access key. */
export const UpdateAccessKey = write(contract.UpdateAccessKey, {
  permission: 'ims:UpdateAccessKey',
  resources: userResource,
  places: 'nowhere',
  scope: 'global',
  async run(ctx, request) {
    const { UserAccessKeyId, Status } = request
    const UserName = await parseOptionalUserName(ctx, request.UserPrincipalName)
    return await ctx.ram.run(ram.UpdateAccessKey, ctx, { UserName, UserAccessKeyId, Status })
  },
})
