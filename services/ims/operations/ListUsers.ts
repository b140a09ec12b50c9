import * as contract from '@pileus/contract/generated/ims'
import * as ram from '@pileus/contract/generated/ram'
import { read } from '../operation.ts'
import { describeUser, findDomain } from '../user-names.ts'

/** Users of the account, oldest first. */
export const ListUsers = read(contract.ListUsers, {
  permission: 'ims:ListUsers',
  resources: () => ['user/*'],
  places: 'nowhere',
  scope: 'global',
  async run(ctx, request) {
    const { Users, ...paging } = await ctx.ram.run(ram.ListUsers, ctx, request)
    const domain = await findDomain(ctx)
    return { ...paging, Users: { User: (Users?.User ?? []).map((user) => describeUser(user, domain)) } }
  },
})
