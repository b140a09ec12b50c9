import * as contract from '@pileus/contract/generated/ims'
import * as ram from '@pileus/contract/generated/ram'
import { write } from '../operation.ts'
import { refuseDisplayName } from '../user-names.ts'

/** Changes what is given of a group. */
export const UpdateGroup = write(contract.UpdateGroup, {
  permission: 'ims:UpdateGroup',
  resources: (request) => [`group/${request.GroupName ?? '*'}`],
  places: 'nowhere',
  scope: 'global',
  async run(ctx, request) {
    refuseDisplayName('NewDisplayName', request.NewDisplayName)
    const { GroupName, NewGroupName, NewComments } = request
    return await ctx.ram.run(ram.UpdateGroup, ctx, { GroupName, NewGroupName, NewComments })
  },
})
