import * as contract from '@pileus/contract/generated/ram'
import { apiError } from '@pileus/kernel/errors'
import { removeTags } from '@pileus/kernel/tags'
import { getRole } from '../entities.ts'
import { ramErrors } from '../errors.ts'
import { announceChange, write } from '../operation.ts'
import { listAttachedPolicies } from '../tables/attachments.ts'
import { deleteRole } from '../tables/roles.ts'
import { tagOwner } from '../tables/tagged.ts'

/** Deletes a role that has no policies; its sessions end, and no later role of its name revives them. */
export const DeleteRole = write(contract.DeleteRole, {
  permission: 'ram:DeleteRole',
  resources: (request) => [`role/${request.RoleName}`],
  places: 'nowhere',
  scope: 'global',
  async run(ctx, request) {
    const role = await getRole(ctx, request.RoleName, 'update')
    const policies = await listAttachedPolicies(ctx.db, role.role_id)
    if (policies.length > 0) throw apiError(ramErrors['DeleteConflict.Role.Policy'], { name: role.role_name })
    await removeTags(ctx.db, tagOwner(ctx.accountId, 'role'), [role.role_id], 'all')
    await deleteRole(ctx.db, role.role_id)
    await announceChange(ctx)
    return {}
  },
})
