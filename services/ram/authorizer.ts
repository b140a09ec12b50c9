import type { Clock } from '@pileus/kernel/clock'
import type { AccessDeniedDetail } from '@pileus/kernel/errors'
import type { AuthorizationDecision, AuthorizationQuestion, Authorizer, Principal } from '@pileus/kernel/ports'
import type { Db } from '@pileus/kernel/store/store'
import { type CompiledPolicy, compilePolicy, evaluatePolicies } from './domain/policy/evaluate.ts'
import { findSystemPolicy } from './domain/system-policies.ts'
import type { Freshness } from './freshness.ts'
import type { AccessKeyUses } from './key-uses.ts'
import { listEffectivePolicies } from './tables/effective-policies.ts'

interface Parts {
  db: Db
  clock: Clock
  freshness: Freshness
  keyUses: AccessKeyUses
}

interface Permissions {
  accountId: string
  policies: readonly CompiledPolicy[]
}

/** Everybody may ask who they are, and where products answer. */
const grantedToAll = new Set(['sts:GetCallerIdentity', 'location:DescribeEndpoint', 'location:DescribeEndpoints'])

/** Most compiled documents to remember. */
const maxCompiled = 2_000

/**
 * An account may do all with its own resources; users and roles need an Allow, and a Deny wins. Decides without
 * waiting for roots and for everybody whose policies are remembered.
 */
export function createAuthorizer({ db, clock, freshness, keyUses }: Parts): Authorizer {
  const compiled = new Map<string, CompiledPolicy>()
  const compile = (document: string): CompiledPolicy => {
    let policy = compiled.get(document)
    if (!policy) {
      policy = compilePolicy(document)
      if (compiled.size >= maxCompiled) compiled.clear()
      compiled.set(document, policy)
    }
    return policy
  }

  // The key is `<account>/<user or role id>`.
  const permissions = freshness.remember<Permissions>(async (key) => {
    const [accountId = '', entityId = ''] = key.split('/')
    const attached = await listEffectivePolicies(db, accountId, entityId)
    const documents = attached.map((policy) => policy.document ?? findSystemPolicy(policy.policyName)?.document)
    return { accountId, policies: documents.flatMap((document) => (document === undefined ? [] : [compile(document)])) }
  })

  return {
    authorize(question) {
      const { principal } = question
      if (principal.kind === 'anonymous') return deny(question, 'ImplicitDeny', identityPolicy)
      keyUses.note(principal.accessKeyId, clock.now())
      if (principal.kind === 'root' || grantedToAll.has(question.action)) return allowed
      const entityId = principal.kind === 'user' ? principal.userId : principal.roleId
      const key = `${principal.accountId}/${entityId}`
      const known = permissions.recall(key)
      if (known) return decide(question, known.policies, compile)
      return permissions.load(key).then((loaded) => decide(question, loaded?.policies ?? [], compile))
    },
  }
}

const allowed: AuthorizationDecision = { kind: 'allowed' }
const identityPolicy = 'AccountLevelIdentityBasedPolicy'

function decide(
  question: AuthorizationQuestion,
  policies: readonly CompiledPolicy[],
  compile: (document: string) => CompiledPolicy,
): AuthorizationDecision {
  const { principal, action, conditions } = question
  const limit =
    principal.kind === 'role' && principal.sessionPolicy !== undefined ? [compile(principal.sessionPolicy)] : undefined
  // Without a resource there would be nothing to refuse.
  const resources = question.resources.length > 0 ? question.resources : [`acs:*:*:${principal.accountId}:*`]
  for (const named of resources) {
    const resource = innermostArn(named)
    const verdict = evaluatePolicies(policies, { action, resource, conditions })
    if (verdict !== 'allow') return deny(question, verdict === 'deny' ? 'ExplicitDeny' : 'ImplicitDeny', identityPolicy)
    if (!limit) continue
    const limited = evaluatePolicies(limit, { action, resource, conditions })
    if (limited !== 'allow') {
      return deny(question, limited === 'deny' ? 'ExplicitDeny' : 'ImplicitDeny', 'SessionPolicy')
    }
  }
  return allowed
}

/**
 * AssumeRole names roles of any account by their whole ARN, and the gateway puts its own account and service before
 * what operations name: `acs:sts:*:<caller>:acs:ram::<owner>:role/x` is about the role.
 */
function innermostArn(arn: string): string {
  // Only where the whole resource is an ARN: names that customers choose, such as object keys, may hold one.
  return /^acs:[^:]*:[^:]*:[^:]*:(acs:.*)$/s.exec(arn)?.[1] ?? arn
}

function deny(
  question: AuthorizationQuestion,
  type: AccessDeniedDetail['NoPermissionType'],
  policyType: string,
): AuthorizationDecision {
  const { principal, action } = question
  return {
    kind: 'denied',
    detail: {
      AuthAction: action,
      ...describePrincipal(principal),
      AuthPrincipalOwnerId: principal.accountId,
      NoPermissionType: type,
      PolicyType: policyType,
    },
  }
}

function describePrincipal(
  principal: Principal,
): Pick<AccessDeniedDetail, 'AuthPrincipalType' | 'AuthPrincipalDisplayName'> {
  switch (principal.kind) {
    case 'user':
      return { AuthPrincipalType: 'SubUser', AuthPrincipalDisplayName: principal.userId }
    case 'role':
      return {
        AuthPrincipalType: 'AssumedRoleUser',
        AuthPrincipalDisplayName: `${principal.roleName}:${principal.sessionName}`,
      }
    case 'root':
      return { AuthPrincipalType: 'RootUser', AuthPrincipalDisplayName: principal.accountId }
    case 'anonymous':
      return { AuthPrincipalType: 'Anonymous', AuthPrincipalDisplayName: 'anonymous' }
  }
}
