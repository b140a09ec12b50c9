/** The life of a request of object storage, as one list of stages. Bodies stream, so it is not that of other APIs. */
import { randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Clock } from '@pileus/kernel/clock'
import type { HostedRegions } from '@pileus/kernel/hosted-regions'
import type { Log } from '@pileus/kernel/log'
import type { Translator } from '@pileus/kernel/messages/translator'
import type { ObjectService } from '@pileus/kernel/object-protocol'
import type { AuditSink, Authorizer, CallRecord, CredentialSource, Meter, ResidencyGate } from '@pileus/kernel/ports'
import type { ObjectExchange, ObjectStage } from './exchange.ts'
import { sendAnswer, sendError } from './render.ts'
import { address } from './stages/address.ts'
import { authenticate } from './stages/authenticate.ts'
import { authorize } from './stages/authorize.ts'
import { readForm } from './stages/read-form.ts'
import { resolve } from './stages/resolve.ts'
import { checkResidency, run } from './stages/run.ts'

export interface ObjectPipelineParts {
  service: ObjectService
  credentials: CredentialSource
  authorizer: Authorizer
  residency: ResidencyGate
  audit: AuditSink
  meter: Meter
  hosted: HostedRegions
  /** Names of this installation besides loopback, below which a label is a bucket; lower case. */
  serviceHosts: readonly string[]
  translator: Translator
  clock: Clock
  log: Log
}

/** Answers a request of object storage; never rejects. */
export type ObjectPipeline = (incoming: IncomingMessage, outgoing: ServerResponse) => Promise<void>

/** What happens to a request, in this order. */
export function objectStagesOf(parts: ObjectPipelineParts): readonly ObjectStage[] {
  return [
    { name: 'address', run: address(parts.serviceHosts) },
    { name: 'readForm', run: readForm },
    { name: 'authenticate', run: authenticate(parts.credentials, parts.clock) },
    { name: 'resolve', run: resolve(parts.service, parts.hosted) },
    { name: 'authorize', run: authorize(parts.service) },
    { name: 'checkResidency', run: checkResidency(parts.residency) },
    { name: 'run', run: run(parts.service) },
  ]
}

export function createObjectPipeline(parts: ObjectPipelineParts): ObjectPipeline {
  const stages = objectStagesOf(parts)
  return async (incoming, outgoing) => {
    const exchange: ObjectExchange = {
      requestId: randomBytes(12).toString('hex').toUpperCase(),
      startedAt: parts.clock.now(),
      incoming,
      method: incoming.method ?? 'GET',
      sourceIp: incoming.socket.remoteAddress?.replace(/^::ffff:/, '') ?? '',
      secureTransport: 'encrypted' in incoming.socket,
      path: '',
      sentPath: '',
      pairs: [],
      query: new Map(),
      addresses: [],
      address: { bucket: undefined, key: undefined, regionId: undefined },
      dialect: 'oss',
    }
    const startedMs = performance.now()
    let httpStatus: number
    let errorCode: string | undefined
    try {
      for (const stage of stages) {
        const pending = stage.run(exchange)
        if (pending) await pending
      }
      httpStatus = await sendAnswer(exchange, outgoing, parts.clock)
    } catch (thrown) {
      exchange.form?.discard()
      const error = await sendError(exchange, outgoing, thrown, parts.clock, parts.translator)
      httpStatus = error.httpStatus
      errorCode = error.code
      const isOurs = httpStatus >= 500 && httpStatus !== 501
      if (isOurs && !incoming.destroyed) {
        parts.log.error({ err: thrown, requestId: exchange.requestId, action: exchange.operation?.name }, 'failed')
      }
    }
    const record = recordOf(exchange, httpStatus, errorCode, performance.now() - startedMs)
    await parts.audit.record(record)
    parts.meter.count(record)
  }
}

function recordOf(
  exchange: ObjectExchange,
  httpStatus: number,
  errorCode: string | undefined,
  durationMs: number,
): CallRecord {
  return {
    requestId: exchange.requestId,
    at: exchange.startedAt,
    durationMs,
    product: 'Oss',
    action: exchange.operation?.name ?? '',
    version: '2019-05-17',
    principal: exchange.principal,
    accessKeyId: exchange.signature?.accessKeyId,
    regionId: exchange.regionId,
    sourceIp: exchange.sourceIp,
    userAgent: exchange.incoming.headers['user-agent'] ?? '',
    secureTransport: exchange.secureTransport,
    outcome: errorCode === undefined ? { httpStatus } : { httpStatus, errorCode },
    resources: exchange.resource === undefined ? [] : [exchange.resource],
  }
}
