/** The life of a request, as one list of stages. @see docs/architecture.md */
import type { Clock } from '@pileus/kernel/clock'
import type { HostedRegions } from '@pileus/kernel/hosted-regions'
import { newRequestId } from '@pileus/kernel/ids'
import type { Log } from '@pileus/kernel/log'
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
    { name: 'authorize', run: authorize(parts.authorizer) },
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
      http,
      format: 'json',
      query: noParameters,
      parameters: noParameters,
      protocol: 'unsigned',
      language: 'en-US',
      resources: [],
    }
    const startedMs = performance.now()
    let answer: HttpAnswer
    let errorCode: string | undefined
    try {
      for (const stage of stages) {
        const pending = stage.run(exchange)
        if (pending) await pending
      }
      answer = renderResponse(exchange)
    } catch (thrown) {
      const rendered = renderError(exchange, thrown)
      answer = rendered.answer
      errorCode = rendered.error.code
      if (answer.status >= 500 && answer.status !== 501) {
        parts.log.error({ err: thrown, requestId: exchange.requestId, action: exchange.action }, 'a request failed')
      }
    }
    const record = recordOf(exchange, answer.status, errorCode, performance.now() - startedMs)
    await parts.audit.record(record)
    parts.meter.count(record)
    return { ...answer, requestId: exchange.requestId }
  }
}

function recordOf(
  exchange: Exchange,
  httpStatus: number,
  errorCode: string | undefined,
  durationMs: number,
): CallRecord {
  const { http } = exchange
  return {
    requestId: exchange.requestId,
    at: exchange.startedAt,
    durationMs,
    product: exchange.product?.product ?? '',
    action: exchange.action ?? '',
    version: exchange.product?.version ?? '',
    principal: exchange.principal,
    accessKeyId: exchange.signed?.accessKeyId,
    regionId: exchange.regionId,
    sourceIp: http.sourceIp,
    userAgent: headerOf(http, 'user-agent') ?? '',
    secureTransport: http.secureTransport,
    outcome: errorCode === undefined ? { httpStatus } : { httpStatus, errorCode },
    resources: exchange.resources,
  }
}
