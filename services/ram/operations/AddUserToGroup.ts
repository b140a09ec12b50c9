import * as contract from '@pileus/contract/generated/ram'
import { apiError } from '@pileus/kernel/errors'
import { getGroup, getUser } from '../entities.ts'
import { ramErrors } from '../errors.ts'
import { announceChange, write } from '../operation.ts'
import { insertMember } from '../tables/groups.ts'

/** Gives a user the permissions of a group. */
export const AddUserToGroup = write(contract.AddUserToGroup, {
  permission: 'ram:AddUserToGroup',
  resources: (request) => [`user/${request.UserName}`, `group/${request.GroupName}`],
  places: 'nowhere',
  scope: 'global',
  async run(ctx, request) {
    // Always the group before the user, so that no two requests wait for each other.
    const group = await getGroup(ctx, request.GroupName, 'share')
    const user = await getUser(ctx, request.UserName, 'share')
    if (!(await insertMember(ctx.db, group.group_id, user.user_id, ctx.clock.now()))) {
      const facts = { userName: user.user_name, groupName: group.group_name }
      throw apiError(ramErrors['EntityAlreadyExists.User.Group'], facts)
    }
    await announceChange(ctx)
    return {}
  },
})
