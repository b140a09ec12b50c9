import * as contract from '@pileus/contract/generated/ims'
import * as ram from '@pileus/contract/generated/ram'
import { write } from '../operation.ts'
import { parseUserName, userResource } from '../user-names.ts'

/** Gives a user the permissions of a group. */
export const AddUserToGroup = write(contract.AddUserToGroup, {
  permission: 'ims:AddUserToGroup',
  resources: (request) => [...userResource(request), `group/${request.GroupName ?? '*'}`],
  places: 'nowhere',
  scope: 'global',
  async run(ctx, request) {
    const UserName = await parseUserName(ctx, request.UserPrincipalName)
    return await ctx.ram.run(ram.AddUserToGroup, ctx, { UserName, GroupName: request.GroupName })
  },
})
