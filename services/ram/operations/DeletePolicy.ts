import * as contract from '@pileus/contract/generated/ram'
import { apiError } from '@pileus/kernel/errors'
import { removeTags } from '@pileus/kernel/tags'
import { getPolicy } from '../entities.ts'
import { ramErrors } from '../errors.ts'
import { write } from '../operation.ts'
import { listEntitiesOfPolicy } from '../tables/attachments.ts'
import { deletePolicy, listVersions } from '../tables/policies.ts'
import { tagOwner } from '../tables/tagged.ts'

/** Deletes a custom policy that is attached to nobody. */
export const DeletePolicy = write(contract.DeletePolicy, {
  permission: 'ram:DeletePolicy',
  resources: (request) => [`policy/${request.PolicyName}`],
  places: 'nowhere',
  scope: 'global',
  async run(ctx, request) {
    const policy = await getPolicy(ctx, request.PolicyName, 'update')
    const facts = { name: policy.policy_name }
    const entities = await listEntitiesOfPolicy(ctx.db, ctx.accountId, { type: 'Custom', name: policy.policy_name })
    const attachedTo = new Set(entities.map((entity) => entity.type))
    if (attachedTo.has('user')) throw apiError(ramErrors['DeleteConflict.Policy.User'], facts)
    if (attachedTo.has('group')) throw apiError(ramErrors['DeleteConflict.Policy.Group'], facts)
    if (attachedTo.has('role')) throw apiError(ramErrors['DeleteConflict.Policy.Role'], facts)
    const versions = await listVersions(ctx.db, policy.policy_id)
    if (versions.length > 1 && request.CascadingDelete !== true) {
      throw apiError(ramErrors['DeleteConflict.Policy.Version'], facts)
    }
    await removeTags(ctx.db, tagOwner(ctx.accountId, 'policy'), [policy.policy_id], 'all')
    await deletePolicy(ctx.db, policy.policy_id)
    return {}
  },
})
