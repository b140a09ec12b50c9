import * as contract from '@pileus/contract/generated/ims'
import * as ram from '@pileus/contract/generated/ram'
import { write } from '../operation.ts'
import { parseOptionalUserName, userResource } from '../user-names.ts'

/** Makes an access key for a user or for the caller; the secret is shown this once. */
export const CreateAccessKey = write(contract.CreateAccessKey, {
  permission: 'ims:CreateAccessKey',
  resources: userResource,
  places: 'nowhere',
  scope: 'global',
  async run(ctx, request) {
    const UserName = await parseOptionalUserName(ctx, request.UserPrincipalName)
    return await ctx.ram.run(ram.CreateAccessKey, ctx, { UserName })
  },
})
