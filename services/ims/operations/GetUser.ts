import * as contract from '@pileus/contract/generated/ims'
import * as ram from '@pileus/contract/generated/ram'
import { read } from '../operation.ts'
import { describeUser, findDomain, findNamedUser, userResource } from '../user-names.ts'

/** A user by name, id or access key. */
export const GetUser = read(contract.GetUser, {
  permission: 'ims:GetUser',
  resources: userResource,
  places: 'nowhere',
  scope: 'global',
  async run(ctx, request) {
    const UserName = await findNamedUser(ctx, request)
    const { User } = await ctx.ram.run(ram.GetUser, ctx, { UserName })
    return { User: { ...describeUser(User, await findDomain(ctx)), UserName } }
  },
})
