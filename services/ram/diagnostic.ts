/**
 * What a denial tells. The caller sees that something was denied, and by which kind of policy; names of policies are
 * sealed in a message that the account's administrators can have decoded.
 */
import type { AccessDeniedDetail } from '@pileus/kernel/errors'
import type { AuthorizationQuestion, Principal } from '@pileus/kernel/ports'
import type { SecretBox } from '@pileus/kernel/secret-box'
import type { Finding } from './decide.ts'
import { principalKeys } from './domain/policy/condition-keys.ts'
import type { SourcedStatement } from './domain/policy/policy-set.ts'

const context = 'ram.diagnostic'
/** Longest text of a condition that is kept: callers choose some of them. */
const maxText = 256

export interface Diagnostic {
  accountId: string
  principal: Pick<AccessDeniedDetail, 'AuthPrincipalType' | 'AuthPrincipalDisplayName' | 'AuthPrincipalOwnerId'>
  action: string
  resource: string
  conditions: { key: string; values: string[] }[]
  explicitDeny: boolean
  policyType: string
  /** The statement that denied; absent when none allowed. */
  statement?: { policyType: string; policyName: string; version: string; attachedTo: string; index: number }
}

export type Denial = Extract<Finding, { kind: 'explicitDeny' | 'implicitDeny' }>

/** The name the vendor has for the kind of policy that denied, or that does not allow. */
export function policyTypeOf(finding: Denial): string {
  const isSession =
    finding.kind === 'explicitDeny' ? finding.statement.source.policyType === 'Session' : finding.lacking === 'session'
  return isSession ? 'SessionPolicy' : 'AccountLevelIdentityBasedPolicy'
}

export function describeDenial(
  secretBox: SecretBox,
  question: AuthorizationQuestion,
  finding: Denial,
): AccessDeniedDetail {
  const { principal, action } = question
  const explicitDeny = finding.kind === 'explicitDeny'
  const who = { ...describePrincipal(principal), AuthPrincipalOwnerId: principal.accountId }
  const diagnostic: Diagnostic = {
    accountId: principal.accountId,
    principal: who,
    action,
    resource: finding.resource.slice(0, 1_024),
    conditions: Object.entries(question.conditions)
      .filter(([key]) => !(principalKeys as readonly string[]).includes(key))
      .map(([key, value]) => ({ key, values: [value].flat().map((text) => text.slice(0, maxText)) })),
    explicitDeny,
    policyType: policyTypeOf(finding),
    ...(explicitDeny ? { statement: describeStatement(finding.statement) } : {}),
  }
  return {
    AuthAction: action,
    ...who,
    NoPermissionType: explicitDeny ? 'ExplicitDeny' : 'ImplicitDeny',
    PolicyType: diagnostic.policyType,
    EncodedDiagnosticMessage: secretBox.seal(JSON.stringify(diagnostic), context).toString('base64'),
  }
}

export function describeStatement({ source, index }: SourcedStatement): NonNullable<Diagnostic['statement']> {
  return { ...source, index }
}

/** Undefined when the message was altered, or was not made by this installation. */
export function openDiagnostic(secretBox: SecretBox, message: string): Diagnostic | undefined {
  try {
    return JSON.parse(secretBox.open(Buffer.from(message, 'base64'), context)) as Diagnostic
  } catch {
    return undefined
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
