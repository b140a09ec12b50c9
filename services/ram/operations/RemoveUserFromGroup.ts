import * as contract from '@pileus/contract/generated/ram'
import { apiError } from '@pileus/kernel/errors'
import { getGroup, getUser } from '../entities.ts'
import { ramErrors } from '../errors.ts'
import { announceChange, write } from '../operation.ts'
import { deleteMember } from '../tables/groups.ts'

/** Takes the permissions of a group from a user. */
export const RemoveUserFromGroup = write(contract.RemoveUserFromGroup, {
  permission: 'ram:RemoveUserFromGroup',
  resources: (request) => [`user/${request.UserName}`, `group/${request.GroupName}`],
  places: 'nowhere',
  scope: 'global',
  async run(ctx, request) {
    const group = await getGroup(ctx, request.GroupName)
    const user = await getUser(ctx, request.UserName)
    if (!(await deleteMember(ctx.db, group.group_id, user.user_id))) {
      const facts = { userName: user.user_name, groupName: group.group_name }
      throw apiError(ramErrors['EntityNotExist.User.Group'], facts)
    }
    await announceChange(ctx)
    return {}
  },
})
