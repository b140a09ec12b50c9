import * as contract from '@pileus/contract/generated/ram'
import { isoSeconds } from '@pileus/kernel/clock'
import { getUser } from '../entities.ts'
import { read } from '../operation.ts'
import { listGroupsOfUser } from '../tables/groups.ts'

/** Groups that a user is in, in the order of joining. */
export const ListGroupsForUser = read(contract.ListGroupsForUser, {
  permission: 'ram:ListGroupsForUser',
  resources: (request) => [`user/${request.UserName}`],
  places: 'nowhere',
  scope: 'global',
  async run(ctx, request) {
    const user = await getUser(ctx, request.UserName)
    const groups = (await listGroupsOfUser(ctx.db, user.user_id)).map(({ group, joinedAt }) => ({
      GroupId: group.group_id,
      GroupName: group.group_name,
      Comments: group.comments,
      JoinDate: isoSeconds(joinedAt),
    }))
    return { Groups: { Group: groups } }
  },
})
