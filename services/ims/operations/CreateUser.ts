import * as contract from '@pileus/contract/generated/ims'
import * as ram from '@pileus/contract/generated/ram'
import { apiError, commonErrors } from '@pileus/kernel/errors'
import { say } from '@pileus/kernel/messages/text'
import { write } from '../operation.ts'
import { describeUser, findDomain, parseUserName, userResource } from '../user-names.ts'

/** Makes a user, who may do nothing yet. */
export const CreateUser = write(contract.CreateUser, {
  permission: 'ims:CreateUser',
  resources: userResource,
  places: 'nowhere',
  scope: 'global',
  async run(ctx, request) {
    const { UserPrincipalName, DisplayName, Email, MobilePhone, Comments, Tag } = request
    if (Tag?.length) {
      throw apiError(commonErrors.InvalidParameter, {
        parameter: 'Tag',
        reason: say`users of this cloud have no tags.`,
      })
    }
    const UserName = await parseUserName(ctx, UserPrincipalName)
    const made = await ctx.ram.run(ram.CreateUser, ctx, { UserName, DisplayName, Email, MobilePhone, Comments })
    return { User: describeUser(made.User, await findDomain(ctx)) }
  },
})
