import type { Clock } from '@pileus/kernel/clock'
import type { ByteStore } from '@pileus/kernel/fabric/bytes'
import type { HostedRegions } from '@pileus/kernel/hosted-regions'
import type { AccountId } from '@pileus/kernel/ids'
import type { Log } from '@pileus/kernel/log'
import type { ObjectAnswer, ObjectOperation, ObjectRequest } from '@pileus/kernel/object-protocol'
import type { OutboundHttp } from '@pileus/kernel/outbound-http'
import type { Authorizer, Principal, ResidencyGate } from '@pileus/kernel/ports'
import type { Store } from '@pileus/kernel/store/store'
import type { Buckets } from './buckets.ts'
import type { CallbackSigner } from './callback-signer.ts'
import type { Bucket } from './domain/bucket.ts'
import type { PolicyJudge } from './domain/bucket-policy.ts'
import type { Domains } from './domains.ts'
import type { Mirror } from './mirror.ts'
import type { ObjectKeys } from './object-keys.ts'

export interface OssContext {
  readonly store: Store
  readonly bytes: ByteStore
  readonly buckets: Buckets
  readonly domains: Domains
  readonly clock: Clock
  readonly hosted: HostedRegions
  readonly log: Log
  /** Asked before data is to go to another region. */
  readonly residency: ResidencyGate
  /** For callbacks. */
  readonly outbound: OutboundHttp
  readonly callbacks: CallbackSigner
  readonly mirror: Mirror
  /** The law by which a domain has to be filed before the account serves it from a region; undefined if it may. */
  findFilingLaw(accountId: AccountId, domain: string, regionId: string): Promise<string | undefined>
  /** Whether an operator has recorded that the account has the domain, where the region is. */
  isFiled(accountId: AccountId, domain: string, regionId: string): Promise<boolean>
  /** `<host>:<port>` under which everybody reaches this installation. */
  publicEndpoint(): string
  readonly principal: Principal
  /**
   * Asks about one more object than the request names, as the request's other stages do about theirs.
   * @throws AccessDenied, NoSuchBucket
   */
  mayAlso(operation: AskedOperation, object: OtherObject): Promise<Bucket>
  /** What identities' own policies allow, where a question is about no bucket. */
  readonly authorizer: Authorizer
  readonly judge: PolicyJudge
  /** Keys of encrypted objects, used in the caller's name. */
  readonly objectKeys: ObjectKeys
}

/** An operation, or a right that is a part of one. */
export type AskedOperation = Pick<ObjectOperation, 'permission' | 'acl' | 'places'>

export interface OtherObject {
  bucket: string
  key: string
  versionId?: string
}

export type ServiceOperation = ObjectOperation & {
  run(context: OssContext, request: ObjectRequest): Promise<ObjectAnswer>
}
export type BucketOperation = ObjectOperation & {
  run(context: OssContext & { bucket: Bucket }, request: ObjectRequest): Promise<ObjectAnswer>
}
export type KeyOperation = ObjectOperation & {
  run(context: OssContext & { bucket: Bucket; key: string }, request: ObjectRequest): Promise<ObjectAnswer>
}

/** What operations on buckets and objects are given besides. */
export type BucketContext = OssContext & { bucket: Bucket }
export type KeyContext = BucketContext & { key: string }

type Given<T extends ObjectOperation> = Omit<T, 'route' | 'places'> & {
  route: Omit<T['route'], 'level'>
  places?: boolean
}

export interface BoundOperation extends ObjectOperation {
  readonly run: (
    context: OssContext & { bucket: Bucket | undefined; key: string | undefined },
    request: ObjectRequest,
  ) => Promise<ObjectAnswer>
}

/** An operation of the service or of a bucket that need not exist. */
export function onService(given: Given<ServiceOperation>, level: 'service' | 'bucket' = 'service'): BoundOperation {
  return { ...given, places: given.places ?? false, route: { ...given.route, level } }
}

/** An operation on a bucket, which exists. */
export function onBucket({ run, ...given }: Given<BucketOperation>): BoundOperation {
  return {
    ...given,
    places: given.places ?? false,
    route: { ...given.route, level: 'bucket' },
    run(context, request) {
      if (!context.bucket) throw new Error(`${given.name} needs a bucket`)
      return run(context as BucketContext, request)
    },
  }
}

/** An operation on a key of a bucket that exists. */
export function onObject({ run, ...given }: Given<KeyOperation>): BoundOperation {
  return {
    ...given,
    places: given.places ?? false,
    route: { ...given.route, level: 'object' },
    run(context, request) {
      if (!context.bucket || context.key === undefined) throw new Error(`${given.name} needs a key`)
      return run(context as KeyContext, request)
    },
  }
}
