import * as contract from '@pileus/contract/generated/ram'
import { describePolicy } from '../answers.ts'
import { parseText } from '../domain/parameters.ts'
import { getPolicy } from '../entities.ts'
import { write } from '../operation.ts'
import { updatePolicy } from '../tables/policies.ts'

/** Changes the description of a custom policy. */
export const UpdatePolicyDescription = write(contract.UpdatePolicyDescription, {
  permission: 'ram:UpdatePolicyDescription',
  resources: (request) => [`policy/${request.PolicyName}`],
  places: 'nowhere',
  scope: 'global',
  async run(ctx, request) {
    const policy = await getPolicy(ctx, request.PolicyName, 'update')
    const description = parseText('NewDescription', request.NewDescription, 1_024)
    const changes = { description, updated_at: ctx.clock.now() }
    await updatePolicy(ctx.db, policy.policy_id, changes)
    return { Policy: describePolicy({ ...policy, ...changes }) }
  },
})
