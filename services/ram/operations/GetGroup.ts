import * as contract from '@pileus/contract/generated/ram'
import { describeGroup } from '../answers.ts'
import { getGroup } from '../entities.ts'
import { read } from '../operation.ts'

/** A group by name. */
export const GetGroup = read(contract.GetGroup, {
  permission: 'ram:GetGroup',
  resources: (request) => [`group/${request.GroupName}`],
  places: 'nowhere',
  scope: 'global',
  async run(ctx, request) {
    return { Group: describeGroup(await getGroup(ctx, request.GroupName)) }
  },
})
