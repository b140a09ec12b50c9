import * as contract from '@pileus/contract/generated/ram'
import { attachPolicy } from '../attaching.ts'
import { write } from '../operation.ts'

/** Gives a role the permissions of a policy. */
export const AttachPolicyToRole = write(contract.AttachPolicyToRole, {
  permission: 'ram:AttachPolicyToRole',
  resources: (request) => [`role/${request.RoleName}`, `policy/${request.PolicyName}`],
  places: 'nowhere',
  scope: 'global',
  async run(ctx, request) {
    return await attachPolicy(ctx, 'role', request.RoleName, request)
  },
})
