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

/** Data is to be stored in a region. */
export interface PlacingQuestion {
  /** Whose data it is. */
  accountId: AccountId
  /** Who asks: a customer's principal, or a part of the platform such as a replicator. */
  principal: Principal | { kind: 'platform'; name: string }
  /** Such as `oss:PutBucket`. */
  action: string
  /** The region the data is put in. */
  regionId: string
  /** ARN of what holds the data, when it exists; its own data classes then count besides the account's. */
  resource?: string
  /** BCP 47 tag of the language to give reasons in; English when absent. */
  language?: string
  requestId?: string
}

/** Data of one region is to be stored in another, or to be read from there. */
export interface MovingQuestion extends PlacingQuestion {
  fromRegionId: string
}

export type ResidencyDecision =
  | { kind: 'allowed' }
  /** `reason` is a sentence in the language asked for; it cites the law and says what would be needed. */
  | { kind: 'denied'; reason: string; citations: readonly string[]; needs: readonly string[] }

/** The one gate that data passes when it is placed or moved. */
export interface ResidencyGate {
  mayPlace(question: PlacingQuestion): ResidencyDecision | Promise<ResidencyDecision>
  /** Within a jurisdiction as well: an account may allow fewer regions than the law. */
  mayMove(question: MovingQuestion): ResidencyDecision | Promise<ResidencyDecision>
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
