import type { Clock } from '@pileus/kernel/clock'
import type { AuthorizationDecision, AuthorizationQuestion, Authorizer } from '@pileus/kernel/ports'
import type { SecretBox } from '@pileus/kernel/secret-box'
import { decide, type Finding, type FindResourceTags } from './decide.ts'
import { describeDenial } from './diagnostic.ts'
import { type CompiledPolicy, compilePolicy } from './domain/policy/evaluate.ts'
import { createPolicySet, type PolicySet } from './domain/policy/policy-set.ts'
import { findSystemPolicy } from './domain/system-policies.ts'
import type { Freshness } from './freshness.ts'
import type { AccessKeyUses } from './key-uses.ts'
import type { EffectivePolicy } from './tables/effective-policies.ts'

interface Parts {
  /** Policies of a user with its groups, or of a role. */
  listPolicies(accountId: string, entityId: string): Promise<readonly EffectivePolicy[]>
  findTags: FindResourceTags
  secretBox: SecretBox
  clock: Clock
  freshness: Freshness
  keyUses: AccessKeyUses
}

export interface ExplainingAuthorizer extends Authorizer {
  /** What would be decided, and why; asks nothing of keys, and notes no use of any. */
  explain(question: AuthorizationQuestion): Promise<Finding>
}

interface Permissions {
  accountId: string
  policies: PolicySet
}

/** Everybody may ask who they are, and where products answer. */
const grantedToAll = new Set(['sts:GetCallerIdentity', 'location:DescribeEndpoint', 'location:DescribeEndpoints'])

/** Most compiled documents to remember. */
const maxCompiled = 2_000

/**
 * An account may do all with its own resources; users and roles need an Allow, and a Deny wins. Decides without
 * waiting for roots and for everybody whose policies are remembered, unless a policy asks for tags of resources.
 */
export function createAuthorizer(parts: Parts): ExplainingAuthorizer {
  const { listPolicies, findTags, secretBox, clock, freshness, keyUses } = parts
  const compile = remembered(compilePolicy)
  const sessionSet = remembered((document) => createPolicySet([{ policy: compile(document), source: sessionSource }]))

  // The key is `<account>/<user or role id>`.
  const permissions = freshness.remember<Permissions>(async (key) => {
    const [accountId = '', entityId = ''] = key.split('/')
    return { accountId, policies: toPolicySet(await listPolicies(accountId, entityId), compile) }
  })

  const find = (question: AuthorizationQuestion): Finding | Promise<Finding> => {
    const { principal } = question
    if (principal.kind === 'anonymous') {
      return { kind: 'implicitDeny', resource: question.resources[0] ?? '*', lacking: 'identity' }
    }
    if (principal.kind === 'root') return { kind: 'granted', because: 'root' }
    if (grantedToAll.has(question.action)) return { kind: 'granted', because: 'open' }
    const session =
      principal.kind === 'role' && principal.sessionPolicy !== undefined
        ? sessionSet(principal.sessionPolicy)
        : undefined
    const entityId = principal.kind === 'user' ? principal.userId : principal.roleId
    const key = `${principal.accountId}/${entityId}`
    const known = permissions.recall(key)
    if (known) return decide(question, { identity: known.policies, session }, findTags)
    return permissions.load(key).then((loaded) => {
      return decide(question, { identity: loaded?.policies ?? createPolicySet([]), session }, findTags)
    })
  }

  const answer = (question: AuthorizationQuestion, finding: Finding): AuthorizationDecision =>
    finding.kind === 'granted' || finding.kind === 'allowed'
      ? allowed
      : { kind: 'denied', detail: describeDenial(secretBox, question, finding) }

  return {
    authorize(question) {
      if (question.principal.kind !== 'anonymous') keyUses.note(question.principal.accessKeyId, clock.now())
      const finding = find(question)
      return finding instanceof Promise ? finding.then((found) => answer(question, found)) : answer(question, finding)
    },
    explain: async (question) => await find(question),
  }
}

const allowed: AuthorizationDecision = { kind: 'allowed' }
const sessionSource = { policyType: 'Session', policyName: 'session', version: 'v1', attachedTo: 'session' } as const

function toPolicySet(policies: readonly EffectivePolicy[], compile: (document: string) => CompiledPolicy): PolicySet {
  const known = policies.flatMap(({ policyType, policyName, version, attachedTo, document }) => {
    const text = document ?? findSystemPolicy(policyName)?.document
    if (text === undefined) return []
    const source = { policyType, policyName, version: `v${version ?? 1}`, attachedTo }
    return [{ policy: compile(text), source }]
  })
  return createPolicySet(known)
}

/** Makes each document's value once, while there are not too many. */
function remembered<Value>(make: (document: string) => Value): (document: string) => Value {
  const known = new Map<string, Value>()
  return (document) => {
    let value = known.get(document)
    if (value === undefined) {
      value = make(document)
      if (known.size >= maxCompiled) known.clear()
      known.set(document, value)
    }
    return value
  }
}
