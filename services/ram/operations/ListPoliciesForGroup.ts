import * as contract from '@pileus/contract/generated/ram'
import { listPoliciesFor } from '../attaching.ts'
import { read } from '../operation.ts'

/** Policies attached to a group, in the order of attaching. */
export const ListPoliciesForGroup = read(contract.ListPoliciesForGroup, {
  permission: 'ram:ListPoliciesForGroup',
  resources: (request) => [`group/${request.GroupName}`],
  places: 'nowhere',
  scope: 'global',
  async run(ctx, request) {
    return await listPoliciesFor(ctx, 'group', request.GroupName)
  },
})
