import * as contract from '@pileus/contract/generated/ram'
import { detachPolicy } from '../attaching.ts'
import { write } from '../operation.ts'

/** Takes the permissions of a policy from a group. */
export const DetachPolicyFromGroup = write(contract.DetachPolicyFromGroup, {
  permission: 'ram:DetachPolicyFromGroup',
  resources: (request) => [`group/${request.GroupName}`, `policy/${request.PolicyName}`],
  places: 'nowhere',
  scope: 'global',
  async run(ctx, request) {
    return await detachPolicy(ctx, 'group', request.GroupName, request)
  },
})
