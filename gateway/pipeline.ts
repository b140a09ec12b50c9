/** The life of a request, as one list of stages. @see docs/architecture.md */
import type { Clock } from '@pileus/kernel/clock'
import type { HostedRegions } from '@pileus/kernel/hosted-regions'
import { newRequestId } from '@pileus/kernel/ids'
import type { Log } from '@pileus/kernel/log'
import type { Translator } from '@pileus/kernel/messages/translator'
import type {
  AuditSink,
  Authorizer,
  CallRecord,
  CredentialSource,
  Meter,
  NonceSource,
  ResidencyGate,
} from '@pileus/kernel/ports'
import type { Store } from '@pileus/kernel/store/store'
import type { Exchange, Stage } from './exchange.ts'
import { type HttpAnswer, type HttpRequest, headerOf } from './http-request.ts'
import { recordOf } from './record.ts'
import type { Registry } from './registry.ts'
import { renderError, renderResponse } from './render.ts'
import { authenticate, refuseReplay } from './stages/authenticate.ts'
import { authorize, checkResidency } from './stages/authorize.ts'
import { decode } from './stages/decode.ts'
import { parse } from './stages/parse.ts'
import { place } from './stages/place.ts'
import { resolve } from './stages/resolve.ts'
import { run } from './stages/run.ts'

export interface PipelineParts {
  registry: Registry
  credentials: CredentialSource
  nonces: NonceSource
  authorizer: Authorizer
  residency: ResidencyGate
  audit: AuditSink
  meter: Meter
  hosted: HostedRegions
  store: Store
  translator: Translator
  clock: Clock
  log: Log
}

export interface Answered extends HttpAnswer {
  requestId: string
}

export type Pipeline = (request: HttpRequest) => Promise<Answered>

/** What happens to a request, in this order. */
export function stagesOf(parts: PipelineParts): readonly Stage[] {
  return [
    { name: 'parse', run: parse },
    { name: 'resolve', run: resolve(parts.registry) },
    { name: 'authenticate', run: authenticate(parts.credentials, parts.clock) },
    { name: 'refuseReplay', run: refuseReplay(parts.nonces) },
    { name: 'place', run: place(parts.hosted) },
    { name: 'decode', run: decode },
    { name: 'authorize', run: authorize(parts.authorizer, parts.store) },
    { name: 'checkResidency', run: checkResidency(parts.residency) },
    { name: 'run', run: run(parts) },
  ]
}

const noParameters: ReadonlyMap<string, string> = new Map()

export function createPipeline(parts: PipelineParts): Pipeline {
  const stages = stagesOf(parts)
  return async (http) => {
    const exchange: Exchange = {
      requestId: newRequestId(),
      startedAt: parts.clock.now(),
      startedMs: performance.now(),
      http,
      format: 'json',
      query: noParameters,
      parameters: noParameters,
      protocol: 'unsigned',
      language: headerOf(http, 'accept-language') ?? 'en-US',
      resources: [],
    }
    let finished: Finished
    try {
      for (const stage of stages) {
        const pending = stage.run(exchange)
        if (pending) await pending
      }
      const answer = renderResponse(exchange)
      finished = { answer, outcome: { httpStatus: answer.status } }
    } catch (thrown) {
      finished = failed(exchange, thrown, parts)
    }
    let record = recordOf(exchange, finished.outcome)
    // A write that succeeded has its record already, and what names no operation is no management call.
    if (exchange.operation && !exchange.isRecorded) {
      try {
        await parts.audit.record(record)
      } catch (thrown) {
        finished = failed(exchange, thrown, parts)
        record = { ...record, outcome: finished.outcome }
      }
    }
    parts.meter.count(record)
    return { ...finished.answer, requestId: exchange.requestId }
  }
}

interface Finished {
  answer: HttpAnswer
  outcome: CallRecord['outcome']
}

function failed(exchange: Exchange, thrown: unknown, { translator, log }: PipelineParts): Finished {
  const { answer, error } = renderError(exchange, thrown, translator)
  if (error.httpStatus >= 500 && error.httpStatus !== 501) {
    log.error({ err: thrown, requestId: exchange.requestId, action: exchange.action }, 'a request failed')
  }
  return { answer, outcome: { httpStatus: error.httpStatus, errorCode: error.code, errorMessage: error.message } }
}
