import * as contract from '@pileus/contract/generated/ram'
import { describeSystemVersion, describeVersion } from '../answers.ts'
import { requireParameter } from '../domain/parameters.ts'
import { findSystemPolicy } from '../domain/system-policies.ts'
import { getPolicy, getVersion, parsePolicyRef, policyMissing, versionMissing } from '../entities.ts'
import { read } from '../operation.ts'

/** One version of a policy. */
export const GetPolicyVersion = read(contract.GetPolicyVersion, {
  permission: 'ram:GetPolicyVersion',
  resources: (request) => [`policy/${request.PolicyName}`],
  places: 'nowhere',
  scope: 'global',
  async run(ctx, request) {
    const ref = parsePolicyRef(request)
    const versionId = requireParameter('VersionId', request.VersionId)
    if (ref.type === 'System') {
      const policy = findSystemPolicy(ref.name)
      if (!policy) throw policyMissing(ref)
      if (versionId !== 'v1') throw versionMissing(ref.name, versionId)
      return { PolicyVersion: describeSystemVersion(policy) }
    }
    const policy = await getPolicy(ctx, ref.name)
    const version = await getVersion(ctx, policy, versionId)
    return { PolicyVersion: describeVersion(version, policy.default_version) }
  },
})
