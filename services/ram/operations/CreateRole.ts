import * as contract from '@pileus/contract/generated/ram'
import { apiError } from '@pileus/kernel/errors'
import { setTags } from '@pileus/kernel/tags'
import { describeRole } from '../answers.ts'
import { newRoleId } from '../domain/keys.ts'
import { limits } from '../domain/limits.ts'
import { parseMaxSessionSeconds, parseName, parseText, requireParameter } from '../domain/parameters.ts'
import { parsePolicy } from '../domain/policy/document.ts'
import { ramErrors } from '../errors.ts'
import { write } from '../operation.ts'
import { lockAccount } from '../tables/accounts.ts'
import { countRoles, insertRole } from '../tables/roles.ts'
import { tagOwner } from '../tables/tagged.ts'
import { parseNewTags } from '../tagging.ts'

/** Makes a role, which those whom its trust policy names may assume. */
export const CreateRole = write(contract.CreateRole, {
  permission: 'ram:CreateRole',
  resources: (request) => [`role/${request.RoleName}`],
  places: 'nowhere',
  scope: 'global',
  async run(ctx, request) {
    const at = ctx.clock.now()
    const trustPolicy = requireParameter('AssumeRolePolicyDocument', request.AssumeRolePolicyDocument)
    const tags = parseNewTags(request.Tag)
    const role = {
      role_id: newRoleId(),
      account_id: ctx.accountId,
      role_name: parseName('RoleName', request.RoleName),
      description: parseText('Description', request.Description, 1_024),
      trust_policy: trustPolicy,
      max_session_seconds: parseMaxSessionSeconds('MaxSessionDuration', request.MaxSessionDuration),
      created_at: at,
      updated_at: at,
    }
    parsePolicy(trustPolicy, 'trust', 'AssumeRolePolicyDocument')
    await lockAccount(ctx.db, ctx.accountId)
    if ((await countRoles(ctx.db, ctx.accountId)) >= limits.roles) {
      throw apiError(ramErrors['LimitExceeded.Role'], { limit: limits.roles })
    }
    if (!(await insertRole(ctx.db, role))) {
      throw apiError(ramErrors['EntityAlreadyExists.Role'], { name: role.role_name })
    }
    await setTags(ctx.db, tagOwner(ctx.accountId, 'role'), [role.role_id], tags)
    return { Role: { ...describeRole(role), AssumeRolePolicyDocument: trustPolicy } }
  },
})
