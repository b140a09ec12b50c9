import * as contract from '@pileus/contract/generated/ram'
import { detachPolicy } from '../attaching.ts'
import { write } from '../operation.ts'

/** Takes the permissions of a policy from a user. */
export const DetachPolicyFromUser = write(contract.DetachPolicyFromUser, {
  permission: 'ram:DetachPolicyFromUser',
  resources: (request) => [`user/${request.UserName}`, `policy/${request.PolicyName}`],
  places: 'nowhere',
  scope: 'global',
  async run(ctx, request) {
    return await detachPolicy(ctx, 'user', request.UserName, request)
  },
})
