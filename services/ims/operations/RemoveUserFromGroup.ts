import * as contract from '@pileus/contract/generated/ims'
import * as ram from '@pileus/contract/generated/ram'
import { write } from '../operation.ts'
import { parseUserName, userResource } from '../user-names.ts'

/** Takes a user out of a group. */
export const RemoveUserFromGroup = write(contract.RemoveUserFromGroup, {
  permission: 'ims:RemoveUserFromGroup',
  resources: (request) => [...userResource(request), `group/${request.GroupName ?? '*'}`],
  places: 'nowhere',
  scope: 'global',
  async run(ctx, request) {
    const UserName = await parseUserName(ctx, request.UserPrincipalName)
    return await ctx.ram.run(ram.RemoveUserFromGroup, ctx, { UserName, GroupName: request.GroupName })
  },
})
