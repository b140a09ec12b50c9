import * as contract from '@pileus/contract/generated/ims'
import * as ram from '@pileus/contract/generated/ram'
import { read } from '../operation.ts'

/** A group by name. */
export const GetGroup = read(contract.GetGroup, {
  permission: 'ims:GetGroup',
  resources: (request) => [`group/${request.GroupName ?? '*'}`],
  places: 'nowhere',
  scope: 'global',
  async run(ctx, request) {
    return await ctx.ram.run(ram.GetGroup, ctx, request)
  },
})
