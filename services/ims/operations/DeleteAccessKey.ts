import * as contract from '@pileus/contract/generated/ims'
import * as ram from '@pileus/contract/generated/ram'
import { write } from '../operation.ts'
import { parseOptionalUserName, userResource } from '../user-names.ts'

/** Deletes an access key of a user or of the caller. */
export const DeleteAccessKey = write(contract.DeleteAccessKey, {
  permission: 'ims:DeleteAccessKey',
  resources: userResource,
  places: 'nowhere',
  scope: 'global',
  async run(ctx, request) {
    const { UserAccessKeyId } = request
    const UserName = await parseOptionalUserName(ctx, request.UserPrincipalName)
    return await ctx.ram.run(ram.DeleteAccessKey, ctx, { UserName, UserAccessKeyId })
  },
})
