import * as contract from '@pileus/contract/generated/ram'
import { apiError } from '@pileus/kernel/errors'
import { requireParameter } from '../domain/parameters.ts'
import { getPolicy, getVersion } from '../entities.ts'
import { ramErrors } from '../errors.ts'
import { write } from '../operation.ts'
import { deleteVersion } from '../tables/policies.ts'

/** Deletes a version that is not in force. */
export const DeletePolicyVersion = write(contract.DeletePolicyVersion, {
  permission: 'ram:DeletePolicyVersion',
  resources: (request) => [`policy/${request.PolicyName}`],
  places: 'nowhere',
  scope: 'global',
  async run(ctx, request) {
    const versionId = requireParameter('VersionId', request.VersionId)
    const policy = await getPolicy(ctx, request.PolicyName, 'update')
    const { version } = await getVersion(ctx, policy, versionId)
    if (version === policy.default_version) {
      const facts = { name: policy.policy_name, version: versionId }
      throw apiError(ramErrors['DeleteConflict.Policy.Version.Default'], facts)
    }
    await deleteVersion(ctx.db, policy.policy_id, version)
    return {}
  },
})
