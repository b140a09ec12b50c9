import * as contract from '@pileus/contract/generated/ram'
import { listPoliciesFor } from '../attaching.ts'
import { read } from '../operation.ts'

/** Policies attached to a role, in the order of attaching. */
export const ListPoliciesForRole = read(contract.ListPoliciesForRole, {
  permission: 'ram:ListPoliciesForRole',
  resources: (request) => [`role/${request.RoleName}`],
  places: 'nowhere',
  scope: 'global',
  async run(ctx, request) {
    return await listPoliciesFor(ctx, 'role', request.RoleName)
  },
})
