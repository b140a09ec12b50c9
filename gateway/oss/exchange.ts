import type { IncomingMessage } from 'node:http'
import type { ObjectAnswer, ObjectDialect, ObjectOperation, ObjectRequest } from '@pileus/kernel/object-protocol'
import type { BegunCall, Principal, ResidencyEvidence } from '@pileus/kernel/ports'
import type { Address } from './address.ts'
import type { PostForm } from './post-form.ts'
import type { QueryPair } from './query.ts'
import type { ObjectSignature, SignatureMatch } from './signatures/signable.ts'

/** One request of object storage on its way through the stages; each stage writes its own part. */
export interface ObjectExchange {
  readonly requestId: string
  readonly startedAt: Date
  /** The same moment on the monotonic clock. */
  readonly startedMs: number
  readonly incoming: IncomingMessage
  readonly method: string
  readonly sourceIp: string
  readonly secureTransport: boolean

  // address
  /** Decoded, before the `?`. */
  path: string
  /** The same as it was sent. */
  sentPath: string
  pairs: readonly QueryPair[]
  query: ReadonlyMap<string, string>
  addresses: readonly Address[]
  address: Address

  // crossOrigin
  /** What lets a browser's page read the answer, whatever it is. */
  crossOrigin?: Readonly<Record<string, string>>

  // readForm
  form?: PostForm

  // authenticate
  dialect: ObjectDialect
  signature?: ObjectSignature
  match?: SignatureMatch
  principal?: Principal

  // resolve
  operation?: ObjectOperation
  request?: ObjectRequest

  // authorize
  /** Whose bucket; the caller where there is none yet. */
  ownerId?: string
  regionId?: string
  resource?: string

  // checkResidency
  /** What the trail keeps of the gate's decision, when that was not trivial. */
  residency?: ResidencyEvidence

  // beginRecord
  begun?: BegunCall

  // run
  answer?: ObjectAnswer
}

/** A stage throws an `ApiError` to end the exchange with it. */
export interface ObjectStage {
  readonly name: string
  run(exchange: ObjectExchange): void | Promise<void>
}
