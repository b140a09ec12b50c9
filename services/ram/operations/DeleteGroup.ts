import * as contract from '@pileus/contract/generated/ram'
import { apiError } from '@pileus/kernel/errors'
import { getGroup } from '../entities.ts'
import { ramErrors } from '../errors.ts'
import { write } from '../operation.ts'
import { listAttachedPolicies } from '../tables/attachments.ts'
import { deleteGroup, listMembers } from '../tables/groups.ts'

/** Deletes a group that has neither users nor policies. */
export const DeleteGroup = write(contract.DeleteGroup, {
  permission: 'ram:DeleteGroup',
  resources: (request) => [`group/${request.GroupName}`],
  places: 'nowhere',
  scope: 'global',
  async run(ctx, request) {
    const group = await getGroup(ctx, request.GroupName, 'update')
    const facts = { name: group.group_name }
    const members = await listMembers(ctx.db, group.group_id, { after: undefined, limit: 1 })
    if (members.length > 0) throw apiError(ramErrors['DeleteConflict.Group.User'], facts)
    const policies = await listAttachedPolicies(ctx.db, group.group_id)
    if (policies.length > 0) throw apiError(ramErrors['DeleteConflict.Group.Policy'], facts)
    await deleteGroup(ctx.db, group.group_id)
    return {}
  },
})
