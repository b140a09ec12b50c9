import * as contract from '@pileus/contract/generated/ims'
import * as ram from '@pileus/contract/generated/ram'
import { read } from '../operation.ts'
import { parseUserName, userResource } from '../user-names.ts'

/** Groups that a user is in. */
export const ListGroupsForUser = read(contract.ListGroupsForUser, {
  permission: 'ims:ListGroupsForUser',
  resources: userResource,
  places: 'nowhere',
  scope: 'global',
  async run(ctx, request) {
    const UserName = await parseUserName(ctx, request.UserPrincipalName)
    return await ctx.ram.run(ram.ListGroupsForUser, ctx, { UserName })
  },
})
