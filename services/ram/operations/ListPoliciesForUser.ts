import * as contract from '@pileus/contract/generated/ram'
import { listPoliciesFor } from '../attaching.ts'
import { read } from '../operation.ts'

/** Policies attached to a user, in the order of attaching. */
export const ListPoliciesForUser = read(contract.ListPoliciesForUser, {
  permission: 'ram:ListPoliciesForUser',
  resources: (request) => [`user/${request.UserName}`],
  places: 'nowhere',
  scope: 'global',
  async run(ctx, request) {
    return await listPoliciesFor(ctx, 'user', request.UserName)
  },
})
