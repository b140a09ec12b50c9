import type { ActionMeta, ProductRef } from '@pileus/contract/contract'
import type { AnyOperation } from '@pileus/kernel/operation'
import type { Principal, ResidencyEvidence } from '@pileus/kernel/ports'
import type { HttpRequest } from './http-request.ts'
import type { SignedRequest } from './signatures/signed-request.ts'

/**
 * One request on its way through the stages. Each stage reads what earlier ones wrote and writes its own part, so
 * the order of the fields is the order of the stages.
 */
export interface Exchange {
  readonly requestId: string
  readonly startedAt: Date
  /** The same moment on the monotonic clock. */
  readonly startedMs: number
  readonly http: HttpRequest

  // parse
  format: 'json' | 'xml'
  query: ReadonlyMap<string, string>
  /** Query and form together. */
  parameters: ReadonlyMap<string, string>
  protocol: 'rpc-v1' | 'acs3' | 'roa-v1' | 'unsigned'

  // resolve
  product?: ProductRef
  action?: string
  meta?: ActionMeta | undefined
  operation?: AnyOperation

  // authenticate
  signed?: SignedRequest
  principal?: Principal

  // place
  regionId?: string
  language: string

  // decode
  request?: unknown

  // authorize
  resources: string[]

  // checkResidency
  /** What the trail keeps of the gate's decision, when that was not trivial. */
  residency?: ResidencyEvidence

  // run
  response?: unknown
  /** The transaction that made the change holds the record as well. */
  isRecorded?: true
}

/** A stage throws an `ApiError` to end the exchange with it. */
export interface Stage {
  readonly name: string
  run(exchange: Exchange): void | Promise<void>
}
