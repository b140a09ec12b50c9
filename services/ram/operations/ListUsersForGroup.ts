import * as contract from '@pileus/contract/generated/ram'
import { isoSeconds } from '@pileus/kernel/clock'
import { cutPage, parseMarkerPage } from '@pileus/kernel/marker-pages'
import { getGroup } from '../entities.ts'
import { read } from '../operation.ts'
import { listMembers } from '../tables/groups.ts'

/** Users in a group, in the order of joining. */
export const ListUsersForGroup = read(contract.ListUsersForGroup, {
  permission: 'ram:ListUsersForGroup',
  resources: (request) => [`group/${request.GroupName}`],
  places: 'nowhere',
  scope: 'global',
  async run(ctx, request) {
    const page = parseMarkerPage(request)
    const group = await getGroup(ctx, request.GroupName)
    const found = await listMembers(ctx.db, group.group_id, page)
    const { items, paging } = cutPage(found, page, (member) => ({ at: member.joinedAt, id: member.userId }))
    const users = items.map((member) => ({
      UserName: member.userName,
      DisplayName: member.displayName,
      JoinDate: isoSeconds(member.joinedAt),
    }))
    return { Users: { User: users }, ...paging }
  },
})
