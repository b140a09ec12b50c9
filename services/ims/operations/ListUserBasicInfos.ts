import * as contract from '@pileus/contract/generated/ims'
import * as ram from '@pileus/contract/generated/ram'
import { read } from '../operation.ts'
import { findDomain } from '../user-names.ts'

/** Names and ids of users, oldest first. */
export const ListUserBasicInfos = read(contract.ListUserBasicInfos, {
  permission: 'ims:ListUserBasicInfos',
  resources: () => ['user/*'],
  places: 'nowhere',
  scope: 'global',
  async run(ctx, request) {
    const { Users, ...paging } = await ctx.ram.run(ram.ListUsers, ctx, request)
    const domain = await findDomain(ctx)
    const infos = (Users?.User ?? []).map(({ UserId, UserName, DisplayName }) => ({
      UserId,
      DisplayName,
      UserPrincipalName: `${UserName}@${domain}`,
    }))
    return { ...paging, UserBasicInfos: { UserBasicInfo: infos } }
  },
})
