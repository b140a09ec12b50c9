/** What the trail and the meter are told of a call of object storage. */
import { keptParameters } from '@pileus/kernel/audit/redaction'
import type { AuditSink, CallRecord } from '@pileus/kernel/ports'
import { isKeptOut } from '../record.ts'
import type { ObjectExchange } from './exchange.ts'

/** Operations on a bucket that are about the objects in it. */
const objectListings = new Set([
  'ListObjects',
  'ListObjectsV2',
  'ListObjectVersions',
  'ListMultipartUploads',
  'DeleteMultipleObjects',
  'PostObject',
  'OptionObject',
])

function planeOf({ operation }: ObjectExchange): CallRecord['plane'] {
  return operation === undefined || operation.route.level === 'object' || objectListings.has(operation.name)
    ? 'data'
    : 'management'
}

function kindOf(method: string): 'read' | 'write' {
  return method === 'GET' || method === 'HEAD' || method === 'OPTIONS' ? 'read' : 'write'
}

/** Whether the trail keeps the call: of the data plane only where its owner wants that. */
export function isRecorded(exchange: ObjectExchange, audit: AuditSink): boolean {
  if (!exchange.operation) return false
  return planeOf(exchange) === 'management' || audit.keepsDataEvents(exchange.ownerId)
}

/** Tells the trail of a write before it happens: its change is in no transaction that could hold the record. */
export function beginRecord(audit: AuditSink) {
  return (exchange: ObjectExchange): void | Promise<void> => {
    if (kindOf(exchange.method) === 'read' || !isRecorded(exchange, audit)) return
    return audit.begin(recordOf(exchange, { httpStatus: 0 })).then((begun) => {
      exchange.begun = begun
    })
  }
}

/** The record of a call as it stands. */
export function recordOf(exchange: ObjectExchange, outcome: CallRecord['outcome']): CallRecord {
  const { operation, principal, address, ownerId } = exchange
  return {
    requestId: exchange.requestId,
    at: exchange.startedAt,
    durationMs: performance.now() - exchange.startedMs,
    product: 'Oss',
    action: operation?.name ?? '',
    version: '2019-05-17',
    ...(operation ? { kind: kindOf(exchange.method) } : {}),
    plane: planeOf(exchange),
    scope: 'region',
    ...(operation && operation.permission !== 'everybody' ? { permission: operation.permission } : {}),
    principal,
    accessKeyId: exchange.signature?.accessKeyId.slice(0, 128),
    ...(ownerId === undefined ? {} : { ownerId }),
    regionId: exchange.regionId,
    host: exchange.incoming.headers.host ?? '',
    sourceIp: exchange.sourceIp,
    userAgent: exchange.incoming.headers['user-agent'] ?? '',
    secureTransport: exchange.secureTransport,
    outcome,
    resources: exchange.resource === undefined || isKeptOut(exchange.residency) ? [] : [exchange.resource],
    parameters:
      principal && !isKeptOut(exchange.residency)
        ? {
            ...(address.bucket === undefined ? {} : { bucketName: address.bucket }),
            ...(address.key === undefined ? {} : { objectName: address.key }),
            ...keptParameters(exchange.query),
          }
        : {},
    ...(exchange.residency ? { residency: exchange.residency } : {}),
  }
}
