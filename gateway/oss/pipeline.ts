/** The life of a request of object storage, as one list of stages. Bodies stream, so it is not that of other APIs. */
import { randomFillSync } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Clock } from '@pileus/kernel/clock'
import { ApiError } from '@pileus/kernel/errors'
import type { HostedRegions } from '@pileus/kernel/hosted-regions'
import type { Log } from '@pileus/kernel/log'
import type { Translator } from '@pileus/kernel/messages/translator'
import type { ObjectService } from '@pileus/kernel/object-protocol'
import type { AuditSink, Authorizer, CallRecord, CredentialSource, Meter, ResidencyGate } from '@pileus/kernel/ports'
import type { ObjectExchange, ObjectStage } from './exchange.ts'
import { describeFinished } from './finished-call.ts'
import { beginRecord, isRecorded, recordOf } from './record.ts'
import { sendAnswer, sendError } from './render.ts'
import { address } from './stages/address.ts'
import { authenticate } from './stages/authenticate.ts'
import { authorize } from './stages/authorize.ts'
import { crossOrigin } from './stages/cross-origin.ts'
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
    { name: 'address', run: address(parts.serviceHosts, (host) => parts.service.findDomain(host)) },
    { name: 'crossOrigin', run: crossOrigin(parts.service) },
    { name: 'readForm', run: readForm },
    { name: 'authenticate', run: authenticate(parts.credentials, parts.clock) },
    { name: 'resolve', run: resolve(parts.service, parts.hosted) },
    { name: 'authorize', run: authorize(parts.service) },
    { name: 'checkResidency', run: checkResidency(parts.residency) },
    { name: 'beginRecord', run: beginRecord(parts.audit) },
    { name: 'run', run: run(parts.service) },
  ]
}

const idBytes = 12
const randomPool = Buffer.alloc(idBytes * 512)
let randomUsed = randomPool.length

/** 24 upper-case hex digits. Random bytes come in bulk: asking for a few costs as much. */
function newRequestId(): string {
  if (randomUsed === randomPool.length) {
    randomFillSync(randomPool)
    randomUsed = 0
  }
  randomUsed += idBytes
  return randomPool.toString('hex', randomUsed - idBytes, randomUsed).toUpperCase()
}

export function createObjectPipeline(parts: ObjectPipelineParts): ObjectPipeline {
  const stages = objectStagesOf(parts)
  return async (incoming, outgoing) => {
    const exchange: ObjectExchange = {
      requestId: newRequestId(),
      startedAt: parts.clock.now(),
      startedMs: performance.now(),
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
    let outcome: CallRecord['outcome']
    let isFinished = false
    let serverMs: number | undefined
    const sentBefore = incoming.socket.bytesWritten
    try {
      for (const stage of stages) {
        const pending = stage.run(exchange)
        if (pending) await pending
      }
      if (exchange.begun && exchange.answer) {
        isFinished = true
        await exchange.begun.finish(recordOf(exchange, { httpStatus: exchange.answer.status }))
      }
      serverMs = performance.now() - exchange.startedMs
      outcome = { httpStatus: await sendAnswer(exchange, outgoing, parts.clock) }
    } catch (thrown) {
      exchange.form?.discard()
      if (exchange.begun && !isFinished)
        await exchange.begun.finish(recordOf(exchange, outcomeOf(thrown))).catch(() => {})
      const error = await sendError(exchange, outgoing, thrown, parts.clock, parts.translator)
      outcome = outcomeOf(error)
      const isOurs = error.httpStatus >= 500 && error.httpStatus !== 501
      if (isOurs && !incoming.destroyed) {
        parts.log.error({ err: thrown, requestId: exchange.requestId, action: exchange.operation?.name }, 'failed')
      }
    }
    const record = recordOf(exchange, outcome)
    parts.meter.count(record)
    const { bucket } = exchange.address
    if (bucket !== undefined) {
      parts.service.finished(bucket, () => describeFinished(exchange, outcome, { sent: sentBefore, serverMs }))
    }
    // Its answer has left: a read that cannot be recorded is told to the operator.
    if (!exchange.begun && isRecorded(exchange, parts.audit)) {
      await parts.audit.record(record).catch((error) => parts.log.error({ err: error }, 'a read is not in the trail'))
    }
  }
}

function outcomeOf(thrown: unknown): CallRecord['outcome'] {
  if (!(thrown instanceof ApiError)) return { httpStatus: 500, errorCode: 'InternalError' }
  return { httpStatus: thrown.httpStatus, errorCode: thrown.code, errorMessage: thrown.message }
}
