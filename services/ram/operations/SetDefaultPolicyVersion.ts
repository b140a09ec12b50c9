import * as contract from '@pileus/contract/generated/ram'
import { requireParameter } from '../domain/parameters.ts'
import { getPolicy, getVersion } from '../entities.ts'
import { announceChange, write } from '../operation.ts'
import { updatePolicy } from '../tables/policies.ts'

/** Puts a version of a custom policy in force. */
export const SetDefaultPolicyVersion = write(contract.SetDefaultPolicyVersion, {
  permission: 'ram:SetDefaultPolicyVersion',
  resources: (request) => [`policy/${request.PolicyName}`],
  places: 'nowhere',
  scope: 'global',
  async run(ctx, request) {
    const versionId = requireParameter('VersionId', request.VersionId)
    const policy = await getPolicy(ctx, request.PolicyName, 'update')
    const { version } = await getVersion(ctx, policy, versionId)
    await updatePolicy(ctx.db, policy.policy_id, { default_version: version, updated_at: ctx.clock.now() })
    await announceChange(ctx)
    return {}
  },
})
