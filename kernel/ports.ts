/** What the gateway needs of products, without knowing them: `apps/cloud` joins these to their implementations. */
import type { AccessDeniedDetail } from './errors.ts'
import type { AccountId } from './ids.ts'

/** Who calls. */
export type Principal =
  | { kind: 'root'; accountId: AccountId; accessKeyId: string }
  | { kind: 'user'; accountId: AccountId; accessKeyId: string; userId: string; userName: string }
  | {
      kind: 'role'
      accountId: AccountId
      accessKeyId: string
      roleId: string
      roleName: string
      sessionName: string
      /** Limits the role's own permissions; a policy document. */
      sessionPolicy?: string
    }
  /** Nobody: only operations that say `anonymous` accept it. */
  | { kind: 'anonymous'; accountId: AccountId; accessKeyId: '' }

export type CredentialLookup =
  | { kind: 'found'; secret: string; principal: Principal }
  | { kind: 'unknown' }
  | { kind: 'inactive' }
  /** The key belongs to a session, and its token is missing, altered, of another key, or past its time. */
  | { kind: 'token'; problem: 'missing' | 'malformed' | 'mismatch' | 'expired' }

export interface CredentialSource {
  /** Finds the secret that must have signed. Answers at once when it knows the key already. */
  findCredential(accessKeyId: string, securityToken: string | undefined): CredentialLookup | Promise<CredentialLookup>
}

export interface AuthorizationQuestion {
  principal: Principal
  /** Such as `ecs:RunInstances`. */
  action: string
  /** ARNs, `acs:<service>:<region>:<account>:<resource>`; all must be allowed. */
  resources: readonly string[]
  /** Values of condition keys, such as `acs:SourceIp`. */
  conditions: Readonly<Record<string, string>>
}

export type AuthorizationDecision = { kind: 'allowed' } | { kind: 'denied'; detail: AccessDeniedDetail }

export interface Authorizer {
  /** Denies unless something allows. */
  authorize(question: AuthorizationQuestion): AuthorizationDecision | Promise<AuthorizationDecision>
}

export interface ResidencyQuestion {
  principal: Principal
  action: string
  /** The region the operation places data in. */
  regionId: string
}

export type ResidencyDecision = { kind: 'allowed' } | { kind: 'denied'; reason: string }

export interface ResidencyGate {
  mayPlace(question: ResidencyQuestion): ResidencyDecision | Promise<ResidencyDecision>
}

export interface NonceSource {
  /** Whether this is the first use of the nonce by the key within its validity; remembered across restarts. */
  claimNonce(accessKeyId: string, nonce: string, validUntil: Date): Promise<boolean>
}

/** One finished call, allowed or not. */
export interface CallRecord {
  requestId: string
  at: Date
  durationMs: number
  product: string
  action: string
  version: string
  principal: Principal | undefined
  accessKeyId: string | undefined
  regionId: string | undefined
  sourceIp: string
  userAgent: string
  secureTransport: boolean
  outcome: { httpStatus: number; errorCode?: string }
  resources: readonly string[]
}

export interface AuditSink {
  record(call: CallRecord): void | Promise<void>
}

export interface Meter {
  count(call: CallRecord): void
}
