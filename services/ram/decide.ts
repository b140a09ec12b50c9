/** From a question and the policies that apply to its principal to a decision, and why. Pure but for tag look-ups. */
import type { AuthorizationQuestion, Principal } from '@pileus/kernel/ports'
import { resourceTagPrefix, resourceTagsKnown } from './domain/policy/condition-keys.ts'
import type { ConditionValues } from './domain/policy/conditions.ts'
import type { PolicySet, SourcedStatement } from './domain/policy/policy-set.ts'

/** Why a question is answered as it is, for the resource that decides: the first that is refused, else the last. */
export type Finding =
  /** Of an account's own keys, or of an action that everybody may call. */
  | { kind: 'granted'; because: 'root' | 'open' }
  | { kind: 'allowed'; resource: string; statement: SourcedStatement }
  | { kind: 'explicitDeny'; resource: string; statement: SourcedStatement }
  /** Nothing allows: `lacking` is the kind of policy that would have to. */
  | { kind: 'implicitDeny'; resource: string; lacking: 'identity' | 'session' }

/** Tags of the resource an ARN names; undefined when they cannot be known. */
export type FindResourceTags = (arn: string, accountId: string) => Promise<Readonly<Record<string, string>> | undefined>

/** What limits the principal: its policies, and those of its session when it has any. */
export interface Limits {
  identity: PolicySet
  session: PolicySet | undefined
}

/** Answers at once unless a policy asks for tags of resources. */
export function decide(
  question: AuthorizationQuestion,
  limits: Limits,
  findTags: FindResourceTags,
): Finding | Promise<Finding> {
  const { identity, session } = limits
  const conditions =
    identity.asksPrincipal || session?.asksPrincipal
      ? { ...question.conditions, ...describeCaller(question.principal) }
      : question.conditions
  // Without a resource there would be nothing to refuse.
  const resources = question.resources.length > 0 ? question.resources : [`acs:*:*:${question.principal.accountId}:*`]
  if (identity.asksResourceTags || session?.asksResourceTags) {
    return decideWithTags(question, limits, resources.map(innermostArn), conditions, findTags)
  }
  let finding: Finding | undefined
  for (const named of resources) {
    finding = decideOne(question.action, limits, innermostArn(named), conditions)
    if (finding.kind !== 'allowed') break
  }
  return finding as Finding
}

async function decideWithTags(
  { action, principal }: AuthorizationQuestion,
  limits: Limits,
  resources: readonly string[],
  conditions: ConditionValues,
  findTags: FindResourceTags,
): Promise<Finding> {
  let finding: Finding | undefined
  for (const resource of resources) {
    const tags = await findTags(resource, principal.accountId)
    const named = Object.entries(tags ?? {}).map(([key, value]) => [resourceTagPrefix + key, value] as const)
    const known = tags === undefined ? {} : { ...Object.fromEntries(named), [resourceTagsKnown]: '' }
    finding = decideOne(action, limits, resource, { ...conditions, ...known })
    if (finding.kind !== 'allowed') break
  }
  return finding as Finding
}

function decideOne(action: string, limits: Limits, resource: string, conditions: ConditionValues): Finding {
  const question = { action, resource, conditions }
  const statement = limits.identity.decide(question)
  if (!statement) return { kind: 'implicitDeny', resource, lacking: 'identity' }
  if (!statement.allows) return { kind: 'explicitDeny', resource, statement }
  if (!limits.session) return { kind: 'allowed', resource, statement }
  const limited = limits.session.decide(question)
  if (!limited) return { kind: 'implicitDeny', resource, lacking: 'session' }
  return limited.allows
    ? { kind: 'allowed', resource, statement }
    : { kind: 'explicitDeny', resource, statement: limited }
}

/**
 * AssumeRole names roles of any account by their whole ARN, and the gateway puts its own account and service before
 * what operations name: `acs:sts:*:<caller>:acs:ram::<owner>:role/x` is about the role.
 */
function innermostArn(arn: string): string {
  // Only where the whole resource is an ARN: names that customers choose, such as object keys, may hold one.
  return /^acs:[^:]*:[^:]*:[^:]*:(acs:.*)$/s.exec(arn)?.[1] ?? arn
}

/** Values of the keys that say who asks. */
export function describeCaller(principal: Principal): Record<string, string> {
  const { accountId } = principal
  switch (principal.kind) {
    case 'root':
      return { 'acs:PrincipalARN': `acs:ram::${accountId}:root`, 'acs:AccountId': accountId }
    case 'user':
      return {
        'acs:PrincipalARN': `acs:ram::${accountId}:user/${principal.userName}`,
        'acs:AccountId': accountId,
        'acs:Username': principal.userName,
        'acs:UserId': principal.userId,
      }
    case 'role':
      return {
        // Of the role, whatever the session is called.
        'acs:PrincipalARN': `acs:ram::${accountId}:role/${principal.roleName}`,
        'acs:AccountId': accountId,
        'acs:RoleName': principal.roleName,
      }
    case 'anonymous':
      return {}
  }
}
