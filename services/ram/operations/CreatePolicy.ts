import * as contract from '@pileus/contract/generated/ram'
import { apiError } from '@pileus/kernel/errors'
import { newResourceId } from '@pileus/kernel/ids'
import { setTags } from '@pileus/kernel/tags'
import { describePolicy } from '../answers.ts'
import { limits } from '../domain/limits.ts'
import { parseName, parseText, requireParameter } from '../domain/parameters.ts'
import { parsePolicy } from '../domain/policy/document.ts'
import { findSystemPolicy } from '../domain/system-policies.ts'
import { ramErrors } from '../errors.ts'
import { write } from '../operation.ts'
import { lockAccount } from '../tables/accounts.ts'
import { countPolicies, insertPolicy } from '../tables/policies.ts'
import { tagOwner } from '../tables/tagged.ts'
import { parseNewTags } from '../tagging.ts'

/** Makes a custom policy with its first version. */
export const CreatePolicy = write(contract.CreatePolicy, {
  permission: 'ram:CreatePolicy',
  resources: (request) => [`policy/${request.PolicyName}`],
  places: 'nowhere',
  scope: 'global',
  async run(ctx, request) {
    const at = ctx.clock.now()
    const document = requireParameter('PolicyDocument', request.PolicyDocument)
    const tags = parseNewTags(request.Tag)
    const policy = {
      policy_id: newResourceId('p'),
      account_id: ctx.accountId,
      policy_name: parseName('PolicyName', request.PolicyName),
      description: parseText('Description', request.Description, 1_024),
      default_version: 1,
      last_version: 1,
      created_at: at,
      updated_at: at,
    }
    parsePolicy(document, 'identity')
    await lockAccount(ctx.db, ctx.accountId)
    if ((await countPolicies(ctx.db, ctx.accountId)) >= limits.policies) {
      throw apiError(ramErrors['LimitExceeded.Policy'], { limit: limits.policies })
    }
    const facts = { name: policy.policy_name }
    if (findSystemPolicy(policy.policy_name)) throw apiError(ramErrors['EntityAlreadyExists.Policy'], facts)
    if (!(await insertPolicy(ctx.db, policy, document))) throw apiError(ramErrors['EntityAlreadyExists.Policy'], facts)
    await setTags(ctx.db, tagOwner(ctx.accountId, 'policy'), [policy.policy_id], tags)
    return { Policy: describePolicy(policy) }
  },
})
