import * as contract from '@pileus/contract/generated/ims'
import * as ram from '@pileus/contract/generated/ram'
import { write } from '../operation.ts'
import { findNamedUser, userResource } from '../user-names.ts'

/** Deletes a user who has nothing left. */
export const DeleteUser = write(contract.DeleteUser, {
  permission: 'ims:DeleteUser',
  resources: userResource,
  places: 'nowhere',
  scope: 'global',
  async run(ctx, request) {
    return await ctx.ram.run(ram.DeleteUser, ctx, { UserName: await findNamedUser(ctx, request) })
  },
})
