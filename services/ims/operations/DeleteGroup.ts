import * as contract from '@pileus/contract/generated/ims'
import * as ram from '@pileus/contract/generated/ram'
import { write } from '../operation.ts'

/** Deletes a group that nobody is in. */
export const DeleteGroup = write(contract.DeleteGroup, {
  permission: 'ims:DeleteGroup',
  resources: (request) => [`group/${request.GroupName ?? '*'}`],
  places: 'nowhere',
  scope: 'global',
  async run(ctx, request) {
    return await ctx.ram.run(ram.DeleteGroup, ctx, request)
  },
})
