/** Who is meant by an ARN, and what would be decided for them. */
import { apiError, commonErrors } from '@pileus/kernel/errors'
import type { AuthorizationQuestion, Principal } from '@pileus/kernel/ports'
import type { Finding } from './decide.ts'
import { describeStatement } from './diagnostic.ts'
import { getRole, getUser } from './entities.ts'
import type { RamContext } from './operation.ts'

/** Keys of nobody's: a simulation notes no use of any. */
const accessKeyId = ''

/**
 * The account, or one of its users or roles.
 * @throws InvalidParameter for other ARNs, other accounts' among them; EntityNotExist.User, EntityNotExist.Role
 */
export async function getPrincipal(
  ctx: RamContext,
  arn: string,
  sessionPolicy: string | undefined,
): Promise<Principal> {
  const { accountId } = ctx
  const [, owner, kind, name] = /^acs:ram:\*?:(\d+):(?:(root)|(?:user|role)\/([\w.-]+))$/.exec(arn) ?? []
  if (owner !== accountId || (kind === undefined && name === undefined)) {
    const reason = `it must be acs:ram::${accountId}:root, …:user/<name> or …:role/<name>.`
    throw apiError(commonErrors.InvalidParameter, { parameter: 'PrincipalArn', reason })
  }
  if (kind === 'root') return { kind: 'root', accountId, accessKeyId }
  if (arn.includes(':user/')) {
    const user = await getUser(ctx, name)
    return { kind: 'user', accountId, accessKeyId, userId: user.user_id, userName: user.user_name }
  }
  const role = await getRole(ctx, name)
  return {
    kind: 'role',
    accountId,
    accessKeyId,
    roleId: role.role_id,
    roleName: role.role_name,
    sessionName: 'simulation',
    ...(sessionPolicy === undefined ? {} : { sessionPolicy }),
  }
}

/** As the API says a finding. */
export function describeFinding(question: AuthorizationQuestion, finding: Finding) {
  const { action } = question
  if (finding.kind === 'granted') {
    const who =
      finding.because === 'root' ? 'an account may do everything with what is its own' : 'everybody may call it'
    return {
      Decision: 'allowed',
      Reason: `${action} is allowed: ${who}.`,
      DecidingResource: question.resources[0] ?? '*',
    }
  }
  const { resource } = finding
  if (finding.kind === 'implicitDeny') {
    const lacking = finding.lacking === 'session' ? 'the session policy' : 'no policy of the principal or its groups'
    const verb = finding.lacking === 'session' ? 'does not allow it' : 'allows it'
    return {
      Decision: 'implicitDeny',
      Reason: `${action} on ${resource} is denied: ${lacking} ${verb}.`,
      DecidingResource: resource,
    }
  }
  const { policyType, policyName, version, attachedTo, index } = describeStatement(finding.statement)
  const isAllowed = finding.kind === 'allowed'
  const where = `statement ${index} of version ${version} of the ${policyType.toLowerCase()} policy ${policyName}`
  return {
    Decision: isAllowed ? 'allowed' : 'explicitDeny',
    Reason: `${action} on ${resource} is ${isAllowed ? 'allowed' : 'denied'} by ${where}, attached to the ${attachedTo}.`,
    DecidingResource: resource,
    MatchedStatement: {
      PolicyType: policyType,
      PolicyName: policyName,
      PolicyVersion: version,
      AttachedEntityType: attachedTo,
      StatementIndex: index,
    },
  }
}
