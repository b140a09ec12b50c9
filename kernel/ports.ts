/** What the gateway needs of products, without knowing them: `apps/cloud` joins these to their implementations. */
import type { AccessDeniedDetail } from './errors.ts'
import type { AccountId } from './ids.ts'
import type { Db } from './store/store.ts'

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
  /** Values of condition keys, such as `acs:SourceIp`; a key such as `acs:TagKeys` may have several. */
  conditions: Readonly<Record<string, string | readonly string[]>>
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
  /** More ARNs whose data classes count: of what the data is made from. */
  resources?: readonly string[]
  /** BCP 47 tag of the language to give reasons in; English when absent. */
  language?: string
  requestId?: string
}

/** Data of one region is to be stored in another, or to be read from there. */
export interface MovingQuestion extends PlacingQuestion {
  fromRegionId: string
}

/** `evidence` is for the trail; absent where nothing is known to be regulated. */
export type ResidencyDecision =
  | { kind: 'allowed'; evidence?: ResidencyEvidence }
  /** `reason` is a sentence in the language asked for; it cites the law and says what would be needed. */
  | {
      kind: 'denied'
      /** The error to answer with where it is not the gate's own. */
      code?: 'RealNameAuthenticationError'
      reason: string
      citations: readonly string[]
      needs: readonly string[]
      evidence?: ResidencyEvidence
    }

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

/** One call that is over, allowed or not; of a call that was only begun, what is known before it runs. */
export interface CallRecord {
  requestId: string
  at: Date
  durationMs: number
  product: string
  action: string
  version: string
  /** Undefined when the call named no operation that this cloud has. */
  kind?: 'read' | 'write'
  /** Calls on objects are the data plane; the trail keeps them only where data events are on. */
  plane: 'management' | 'data'
  scope: 'region' | 'global'
  /** Absent for operations that need none. */
  permission?: string
  principal: Principal | undefined
  accessKeyId: string | undefined
  /** Whose resources these are, where that is not the caller: a bucket of another account. */
  ownerId?: string
  regionId: string | undefined
  /** Host and port by which the caller reached us. */
  host: string
  sourceIp: string
  userAgent: string
  secureTransport: boolean
  outcome: { httpStatus: number; errorCode?: string; errorMessage?: string }
  /** ARNs that authorization asked about. */
  resources: readonly string[]
  /** As the caller sent them, without system parameters; `keptParameters` has been over them. */
  parameters: Readonly<Record<string, string>>
  /** Ids and names that the answer of a write told, such as `VpcId`. */
  response?: Readonly<Record<string, string>>
  /** What the residency gate decided, when that was not trivial. */
  residency?: ResidencyEvidence
}

/** A decision of the residency gate, as the trail keeps it. */
export interface ResidencyEvidence {
  decision: 'allow' | 'conditional' | 'deny'
  fromRegionId?: string
  regionId: string
  citations: readonly string[]
  /** Short facts that the decision rests on, such as data classes and the date. */
  details?: Readonly<Record<string, string>>
}

/** Who did what an `AuditEvent` tells of. */
export type AuditActor =
  | { kind: 'customer'; principal: Principal }
  /** A person of the company that runs the region. `name` is how the company knows them. */
  | { kind: 'operator'; operatorId: string; name: string }
  /** A part of the platform, such as `kms.rotation`. */
  | { kind: 'platform'; name: string }

/** Something that happened without an API call of a customer: emergency access, a key's rotation, a refused move. */
export interface AuditEvent {
  actor: AuditActor
  /** `<service>:<EventName>`, such as `operators:GrantEmergencyAccess`. */
  action: string
  kind: 'read' | 'write'
  regionId: string
  /** In whose trail it appears; undefined for what concerns no customer, which operators alone see. */
  accountId: AccountId | undefined
  outcome: { kind: 'success' } | { kind: 'failure'; errorCode: string; errorMessage: string }
  /** ARNs. */
  resources: readonly string[]
  /** The call that led to it, or the approval; made up when absent. */
  requestId?: string
  /** More facts. Never secrets: what is given here is kept for good. */
  details?: Readonly<Record<string, string | number | boolean | readonly string[]>>
  residency?: ResidencyEvidence
}

/**
 * The trail. A promise resolves once the record is safe: on disk for writes, in the database for the rest; each
 * rejects with `ServiceUnavailable` when the trail cannot be written, and the caller then must not do, or not confirm,
 * what it was about to.
 */
export interface AuditSink {
  /** Whether calls on objects of this account are kept; asked first, because building their records costs. */
  keepsDataEvents(ownerId: string | undefined): boolean
  /** For calls that changed nothing, be it because they read or because they failed. */
  record(call: CallRecord): Promise<void>
  /** Within the transaction that makes the change: the record is kept exactly when the change is. */
  recordIn(tx: Db, call: CallRecord): Promise<void>
  /**
   * Before a change that no transaction of the caller's holds. Should this process end before `finish`, the trail says
   * later that the call was begun and its outcome is unknown.
   */
  begin(call: CallRecord): Promise<BegunCall>
  /** Give `tx` to keep the event exactly when its transaction is. */
  recordEvent(event: AuditEvent, tx?: Db): Promise<void>
}

export interface BegunCall {
  finish(call: CallRecord): Promise<void>
}

export interface Meter {
  count(call: CallRecord): void
}
