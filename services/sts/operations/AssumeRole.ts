import * as contract from '@pileus/contract/generated/sts'
import { apiError, commonErrors } from '@pileus/kernel/errors'
import { parseExternalId, parseRoleArn, parseSessionName, parseSessionPolicy } from '../domain/assume-role.ts'
import { stsErrors } from '../errors.ts'
import { callConditions, openSession } from '../open-session.ts'
import { read } from '../operation.ts'

/**
 * Opens a session of a role for a user, or for another session. The caller's own policies must allow it, and the
 * role's trust policy must name the caller.
 */
export const AssumeRole = read(contract.AssumeRole, {
  permission: 'sts:AssumeRole',
  // A whole ARN: the role may be another account's.
  resources: (request) => [request.RoleArn],
  places: 'nowhere',
  scope: 'global',
  async run(ctx, request) {
    const { principal } = ctx
    const ref = parseRoleArn(request.RoleArn)
    const sessionName = parseSessionName(request.RoleSessionName)
    const externalId = parseExternalId(request.ExternalId)
    const sessionPolicy = parseSessionPolicy(request.Policy, ctx.ram.checkPolicy)
    if (request.SourceIdentity) {
      const reason = 'this cloud does not carry source identities.'
      throw apiError(commonErrors.InvalidParameter, { parameter: 'SourceIdentity', reason })
    }
    if (principal.kind === 'root') {
      const reason = "An account's own keys assume no roles: use the keys of a RAM user who may call sts:AssumeRole."
      throw apiError(stsErrors.NoPermission, { reason })
    }
    const role = await ctx.ram.findRole(ctx.db, ref.accountId, ref.roleName)
    const trusted =
      role !== undefined &&
      ctx.ram.isTrusted(role.trustPolicy, principal, {
        ...callConditions(ctx),
        ...(externalId === undefined ? {} : { 'sts:ExternalId': externalId }),
      })
    if (!role || !trusted) {
      // Whether another account has a role is told only to those whom the role trusts.
      if (role?.accountId === ctx.accountId) {
        const reason = `The trust policy of the role "${role.roleName}" does not allow you to assume it.`
        throw apiError(stsErrors.NoPermission, { reason })
      }
      throw apiError(stsErrors['EntityNotExist.Role'], { roleArn: request.RoleArn })
    }
    const askedSeconds = request.DurationSeconds
    return openSession(ctx, role, { sessionName, sessionPolicy, askedSeconds, isChained: principal.kind === 'role' })
  },
})
