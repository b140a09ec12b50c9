import * as contract from '@pileus/contract/generated/ram'
import { detachPolicy } from '../attaching.ts'
import { write } from '../operation.ts'

/** Takes the permissions of a policy from a role. */
export const DetachPolicyFromRole = write(contract.DetachPolicyFromRole, {
  permission: 'ram:DetachPolicyFromRole',
  resources: (request) => [`role/${request.RoleName}`, `policy/${request.PolicyName}`],
  places: 'nowhere',
  scope: 'global',
  async run(ctx, request) {
    return await detachPolicy(ctx, 'role', request.RoleName, request)
  },
})
