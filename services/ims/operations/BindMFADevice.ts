import * as contract from '@pileus/contract/generated/ims'
import * as ram from '@pileus/contract/generated/ram'
import { write } from '../operation.ts'
import { parseUserName, userResource } from '../user-names.ts'

/** Makes a device a user’s second factor, when two codes that follow each other prove that the user has it. */
export const BindMFADevice = write(contract.BindMFADevice, {
  permission: 'ims:BindMFADevice',
  resources: userResource,
  places: 'nowhere',
  scope: 'global',
  async run(ctx, request) {
    const { SerialNumber, AuthenticationCode1, AuthenticationCode2 } = request
    const UserName = await parseUserName(ctx, request.UserPrincipalName)
    const codes = { AuthenticationCode1, AuthenticationCode2 }
    return await ctx.ram.run(ram.BindMFADevice, ctx, { UserName, SerialNumber, ...codes })
  },
})
