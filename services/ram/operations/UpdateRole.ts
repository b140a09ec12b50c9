import * as contract from '@pileus/contract/generated/ram'
import { describeRole } from '../answers.ts'
import { parseMaxSessionSeconds, parseText } from '../domain/parameters.ts'
import { parsePolicy } from '../domain/policy/document.ts'
import { getRole } from '../entities.ts'
import { announceChange, write } from '../operation.ts'
import { updateRole } from '../tables/roles.ts'

/** Changes what is given of a role. */
export const UpdateRole = write(contract.UpdateRole, {
  permission: 'ram:UpdateRole',
  resources: (request) => [`role/${request.RoleName}`],
  places: 'nowhere',
  scope: 'global',
  async run(ctx, request) {
    const role = await getRole(ctx, request.RoleName, 'update')
    const { NewAssumeRolePolicyDocument: trust, NewDescription: description, NewMaxSessionDuration: seconds } = request
    if (trust) parsePolicy(trust, 'trust', 'NewAssumeRolePolicyDocument')
    const changed = {
      ...role,
      trust_policy: trust || role.trust_policy,
      description: description === undefined ? role.description : parseText('NewDescription', description, 1_024),
      max_session_seconds: seconds
        ? parseMaxSessionSeconds('NewMaxSessionDuration', seconds)
        : role.max_session_seconds,
      updated_at: ctx.clock.now(),
    }
    await updateRole(ctx.db, changed)
    await announceChange(ctx)
    return { Role: { ...describeRole(changed), AssumeRolePolicyDocument: changed.trust_policy } }
  },
})
