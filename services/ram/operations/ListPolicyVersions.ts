import * as contract from '@pileus/contract/generated/ram'
import { describeSystemVersion, describeVersion } from '../answers.ts'
import { findSystemPolicy } from '../domain/system-policies.ts'
import { getPolicy, parsePolicyRef, policyMissing } from '../entities.ts'
import { read } from '../operation.ts'
import { listVersions } from '../tables/policies.ts'

/** Versions of a policy, oldest first. */
export const ListPolicyVersions = read(contract.ListPolicyVersions, {
  permission: 'ram:ListPolicyVersions',
  resources: (request) => [`policy/${request.PolicyName}`],
  places: 'nowhere',
  scope: 'global',
  async run(ctx, request) {
    const ref = parsePolicyRef(request)
    if (ref.type === 'System') {
      const policy = findSystemPolicy(ref.name)
      if (!policy) throw policyMissing(ref)
      return { PolicyVersions: { PolicyVersion: [describeSystemVersion(policy)] } }
    }
    const policy = await getPolicy(ctx, ref.name)
    const versions = await listVersions(ctx.db, policy.policy_id)
    return { PolicyVersions: { PolicyVersion: versions.map((one) => describeVersion(one, policy.default_version)) } }
  },
})
