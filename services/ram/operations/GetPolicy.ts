import * as contract from '@pileus/contract/generated/ram'
import { describePolicy, describeSystemPolicy, describeSystemVersion, describeVersion } from '../answers.ts'
import { findSystemPolicy } from '../domain/system-policies.ts'
import { getPolicy, parsePolicyRef, policyMissing } from '../entities.ts'
import { read } from '../operation.ts'
import { countAttachments } from '../tables/attachments.ts'
import { findVersion } from '../tables/policies.ts'

/** A policy with its default version. */
export const GetPolicy = read(contract.GetPolicy, {
  permission: 'ram:GetPolicy',
  resources: (request) => [`policy/${request.PolicyName}`],
  places: 'nowhere',
  scope: 'global',
  async run(ctx, request) {
    const ref = parsePolicyRef(request)
    const attached = await countAttachments(ctx.db, ctx.accountId, [ref.name])
    const counted = { AttachmentCount: attached.get(`${ref.type}/${ref.name}`) ?? 0 }
    if (ref.type === 'System') {
      const policy = findSystemPolicy(ref.name)
      if (!policy) throw policyMissing(ref)
      const version = describeSystemVersion(policy)
      return {
        Policy: { ...describeSystemPolicy(policy), ...counted, PolicyDocument: policy.document },
        DefaultPolicyVersion: version,
      }
    }
    const policy = await getPolicy(ctx, ref.name)
    const version = await findVersion(ctx.db, policy.policy_id, policy.default_version)
    if (!version) throw policyMissing(ref)
    return {
      Policy: { ...describePolicy(policy), ...counted, PolicyDocument: version.document },
      DefaultPolicyVersion: describeVersion(version, policy.default_version),
    }
  },
})
