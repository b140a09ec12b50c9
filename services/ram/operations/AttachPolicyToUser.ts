import * as contract from '@pileus/contract/generated/ram'
import { attachPolicy } from '../attaching.ts'
import { write } from '../operation.ts'

/** Gives a user the permissions of a policy. */
export const AttachPolicyToUser = write(contract.AttachPolicyToUser, {
  permission: 'ram:AttachPolicyToUser',
  resources: (request) => [`user/${request.UserName}`, `policy/${request.PolicyName}`],
  places: 'nowhere',
  scope: 'global',
  async run(ctx, request) {
    return await attachPolicy(ctx, 'user', request.UserName, request)
  },
})
