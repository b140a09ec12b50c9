import * as contract from '@pileus/contract/generated/ims'
import * as ram from '@pileus/contract/generated/ram'
import { write } from '../operation.ts'
import { describeUser, findDomain, findNamedUser, parseOptionalUserName, userResource } from '../user-names.ts'

/** Changes what is given of a user. */
export const UpdateUser = write(contract.UpdateUser, {
  permission: 'ims:UpdateUser',
  resources: userResource,
  places: 'nowhere',
  scope: 'global',
  async run(ctx, request) {
    const UserName = await findNamedUser(ctx, request)
    const { NewUserPrincipalName, NewDisplayName, NewEmail, NewMobilePhone, NewComments } = request
    const NewUserName = await parseOptionalUserName(ctx, NewUserPrincipalName)
    const changes = { NewUserName, NewDisplayName, NewEmail, NewMobilePhone, NewComments }
    const { User } = await ctx.ram.run(ram.UpdateUser, ctx, { UserName, ...changes })
    return { User: describeUser(User, await findDomain(ctx)) }
  },
})
