import * as contract from '@pileus/contract/generated/ims'
import * as ram from '@pileus/contract/generated/ram'
import { read } from '../operation.ts'
import { parseOptionalUserName, userResource } from '../user-names.ts'

/** When a key last signed an authorized request. */
export const GetAccessKeyLastUsed = read(contract.GetAccessKeyLastUsed, {
  permission: 'ims:GetAccessKeyLastUsed',
  resources: userResource,
  places: 'nowhere',
  scope: 'global',
  async run(ctx, request) {
    const { UserAccessKeyId } = request
    const UserName = await parseOptionalUserName(ctx, request.UserPrincipalName)
    return await ctx.ram.run(ram.GetAccessKeyLastUsed, ctx, { UserName, UserAccessKeyId })
  },
})
