import * as contract from '@pileus/contract/generated/ims'
import * as ram from '@pileus/contract/generated/ram'
import { read } from '../operation.ts'
import { findDomain } from '../user-names.ts'

/** Users who are in a group. */
export const ListUsersForGroup = read(contract.ListUsersForGroup, {
  permission: 'ims:ListUsersForGroup',
  resources: (request) => [`group/${request.GroupName ?? '*'}`],
  places: 'nowhere',
  scope: 'global',
  async run(ctx, request) {
    const { Users, ...paging } = await ctx.ram.run(ram.ListUsersForGroup, ctx, request)
    const domain = await findDomain(ctx)
    const users = (Users?.User ?? []).map(({ UserName, DisplayName, JoinDate }) => ({
      UserPrincipalName: `${UserName}@${domain}`,
      DisplayName,
      JoinDate,
    }))
    return { ...paging, Users: { User: users } }
  },
})
