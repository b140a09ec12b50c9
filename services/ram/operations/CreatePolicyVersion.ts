import * as contract from '@pileus/contract/generated/ram'
import { apiError } from '@pileus/kernel/errors'
import { describeVersion } from '../answers.ts'
import { limits } from '../domain/limits.ts'
import { requireParameter } from '../domain/parameters.ts'
import { parsePolicy } from '../domain/policy/document.ts'
import { getPolicy } from '../entities.ts'
import { ramErrors } from '../errors.ts'
import { announceChange, write } from '../operation.ts'
import { deleteVersion, insertVersion, listVersions, updatePolicy } from '../tables/policies.ts'

/** Adds a version to a custom policy. */
export const CreatePolicyVersion = write(contract.CreatePolicyVersion, {
  permission: 'ram:CreatePolicyVersion',
  resources: (request) => [`policy/${request.PolicyName}`],
  places: 'nowhere',
  scope: 'global',
  async run(ctx, request) {
    const document = requireParameter('PolicyDocument', request.PolicyDocument)
    parsePolicy(document, 'identity')
    const policy = await getPolicy(ctx, request.PolicyName, 'update')
    const versions = await listVersions(ctx.db, policy.policy_id)
    if (versions.length >= limits.versionsPerPolicy) {
      const oldest = versions.find((one) => one.version !== policy.default_version)
      if (request.RotateStrategy !== 'DeleteOldestNonDefaultVersionWhenLimitExceeded' || !oldest) {
        throw apiError(ramErrors['LimitExceeded.Policy.Version'], { limit: limits.versionsPerPolicy })
      }
      await deleteVersion(ctx.db, policy.policy_id, oldest.version)
    }
    const at = ctx.clock.now()
    const version = { policy_id: policy.policy_id, version: policy.last_version + 1, document, created_at: at }
    const defaultVersion = request.SetAsDefault === true ? version.version : policy.default_version
    await insertVersion(ctx.db, version)
    const changes = { last_version: version.version, default_version: defaultVersion, updated_at: at }
    await updatePolicy(ctx.db, policy.policy_id, changes)
    await announceChange(ctx)
    return { PolicyVersion: describeVersion(version, defaultVersion) }
  },
})
