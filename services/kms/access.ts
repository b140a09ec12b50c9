/**
 * Who may do what with keys. A denial by the key's policy or by the caller's own wins. Within the account that owns
 * the key, either may allow; across accounts, the key's policy has to name the caller and the caller's account has to
 * allow it.
 */
import type { AuthorizationDecision, AuthorizationQuestion, Authorizer, Principal } from '@pileus/kernel/ports'
import type { Db } from '@pileus/kernel/store/store'
import { type CompiledKeyPolicy, compileKeyPolicy, type KeyVerdict, type PolicyJudge } from './domain/key-policy.ts'
import { readKeyRef } from './domain/key-ref.ts'
import { keyNotFound, ofCiphertext } from './keys.ts'
import { findAlias } from './tables/aliases.ts'
import { findKey } from './tables/keys.ts'
import type { KeyRow } from './tables/schema.ts'

interface Resolved {
  arn: string
  accountId: string
  /** What the caller called it. */
  named: string
  key: KeyRow | undefined
}

/** Without a way back an account could lock itself out of its own key. */
const neverDeniedToOwner = new Set(['kms:SetKeyPolicy', 'kms:GetKeyPolicy'])
const maxCompiled = 2_000

/** Answers for `kms:` actions, and asks `authorizer` for all others. */
export function createKeyAuthorizer(parts: { db: Db; authorizer: Authorizer; judge: PolicyJudge }): Authorizer {
  const { db, authorizer, judge } = parts
  const compiled = new Map<string, CompiledKeyPolicy>()
  const compile = (text: string): CompiledKeyPolicy => {
    const known = compiled.get(text)
    if (known) return known
    const policy = compileKeyPolicy(judge, text)
    if (compiled.size >= maxCompiled) compiled.clear()
    compiled.set(text, policy)
    return policy
  }
  const decide = async (question: AuthorizationQuestion): Promise<AuthorizationDecision> => {
    const { principal, action } = question
    const resolved = await Promise.all(question.resources.map((arn) => resolve(db, arn)))
    const own = await authorizer.authorize({ ...question, resources: resolved.map((one) => one.arn) })
    if (own.kind === 'denied' && own.detail.NoPermissionType === 'ExplicitDeny') return own
    let byKeyAlone = resolved.length > 0
    for (const { arn, accountId, named, key } of resolved) {
      const isOwner = accountId === principal.accountId
      const verdict: KeyVerdict =
        key?.policy == null
          ? isOwner
            ? 'delegate'
            : 'none'
          : compile(key.policy).judge({ ...question, resource: arn }, principal)
      const canAlways = isOwner && principal.kind === 'root' && neverDeniedToOwner.has(action)
      if (verdict === 'deny' && !canAlways) return refusal(question)
      // Whether another account has a key is told only to those whom its policy names.
      if (!isOwner && verdict !== 'allow' && verdict !== 'delegate') throw keyNotFound(named)
      if (!isOwner || verdict !== 'allow') byKeyAlone = false
    }
    if (own.kind === 'allowed') return own
    const isLimited = principal.kind === 'role' && principal.sessionPolicy !== undefined
    return byKeyAlone && !isLimited ? { kind: 'allowed' } : own
  }
  return {
    authorize: (question) => (question.action.startsWith('kms:') ? decide(question) : authorizer.authorize(question)),
  }
}

/** Policies speak of keys, whatever the request calls them. A ciphertext names its key, whoever owns that. */
async function resolve(db: Db, asked: string): Promise<Resolved> {
  const accountId = asked.split(':')[3] ?? ''
  const isOfCiphertext = /^acs:kms:[^:]*:\d+:ciphertext\//.test(asked)
  // What follows `secret/` may be a name or the ARN of the same secret; policies know one ARN of it.
  const arn = isOfCiphertext
    ? asked.replace(':ciphertext/', ':key/')
    : asked.replace(/^(acs:kms:[^:]*:\d+:secret\/)\1/, '$1')
  const named = isOfCiphertext ? ofCiphertext : arn
  const ref = readKeyRef(arn)
  if (!ref?.place) return { arn, accountId, named, key: undefined }
  const keyId = ref.kind === 'key' ? ref.name : await findAlias(db, ref.place, ref.name)
  const key = keyId === undefined ? undefined : await findKey(db, keyId)
  if (!key || key.region_id !== ref.place.regionId || (key.account_id !== accountId && !isOfCiphertext)) {
    return { arn, accountId, named, key: undefined }
  }
  const ownArn = `acs:kms:${key.region_id}:${key.account_id}:key/${key.key_id}`
  return { arn: ownArn, accountId: key.account_id, named, key }
}

function refusal(question: AuthorizationQuestion): AuthorizationDecision {
  return {
    kind: 'denied',
    detail: {
      AuthAction: question.action,
      ...describe(question.principal),
      AuthPrincipalOwnerId: question.principal.accountId,
      NoPermissionType: 'ExplicitDeny',
      PolicyType: 'ResourceBasedPolicy',
    },
  }
}

function describe(principal: Principal): { AuthPrincipalType: string; AuthPrincipalDisplayName: string } {
  switch (principal.kind) {
    case 'user':
      return { AuthPrincipalType: 'SubUser', AuthPrincipalDisplayName: principal.userId }
    case 'role':
      return {
        AuthPrincipalType: 'AssumedRoleUser',
        AuthPrincipalDisplayName: `${principal.roleName}:${principal.sessionName}`,
      }
    case 'root':
    case 'anonymous':
      return { AuthPrincipalType: 'RootUser', AuthPrincipalDisplayName: principal.accountId }
  }
}
