import * as contract from '@pileus/contract/generated/ims'
import * as ram from '@pileus/contract/generated/ram'
import { write } from '../operation.ts'
import { refuseDisplayName } from '../user-names.ts'

/** Makes a group of users. */
export const CreateGroup = write(contract.CreateGroup, {
  permission: 'ims:CreateGroup',
  resources: (request) => [`group/${request.GroupName ?? '*'}`],
  places: 'nowhere',
  scope: 'global',
  async run(ctx, request) {
    refuseDisplayName('DisplayName', request.DisplayName)
    const { GroupName, Comments } = request
    return await ctx.ram.run(ram.CreateGroup, ctx, { GroupName, Comments })
  },
})
