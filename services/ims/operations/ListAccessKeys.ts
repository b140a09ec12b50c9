import * as contract from '@pileus/contract/generated/ims'
import * as ram from '@pileus/contract/generated/ram'
import { read } from '../operation.ts'
import { parseOptionalUserName, userResource } from '../user-names.ts'

/** Access keys of a user or of the caller. */
export const ListAccessKeys = read(contract.ListAccessKeys, {
  permission: 'ims:ListAccessKeys',
  resources: userResource,
  places: 'nowhere',
  scope: 'global',
  async run(ctx, request) {
    const UserName = await parseOptionalUserName(ctx, request.UserPrincipalName)
    return await ctx.ram.run(ram.ListAccessKeys, ctx, { UserName })
  },
})
