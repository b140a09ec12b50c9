import * as contract from '@pileus/contract/generated/ram'
import { attachPolicy } from '../attaching.ts'
import { write } from '../operation.ts'

/** Gives a group the permissions of a policy. */
export const AttachPolicyToGroup = write(contract.AttachPolicyToGroup, {
  permission: 'ram:AttachPolicyToGroup',
  resources: (request) => [`group/${request.GroupName}`, `policy/${request.PolicyName}`],
  places: 'nowhere',
  scope: 'global',
  async run(ctx, request) {
    return await attachPolicy(ctx, 'group', request.GroupName, request)
  },
})
