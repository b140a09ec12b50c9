/** What the trail and the meter are told of a management call. */
import { keptParameters, keptResponse } from '@pileus/kernel/audit/redaction'
import type { CallRecord, ResidencyEvidence } from '@pileus/kernel/ports'
import type { Exchange } from './exchange.ts'
import { headerOf } from './http-request.ts'

/** The record of a call as it stands; `response` is what a write answers. */
export function recordOf(exchange: Exchange, outcome: CallRecord['outcome'], response?: unknown): CallRecord {
  const { http, operation, principal } = exchange
  const permission = operation?.rules.permission
  return {
    requestId: exchange.requestId,
    at: exchange.startedAt,
    durationMs: performance.now() - exchange.startedMs,
    product: exchange.product?.product ?? '',
    action: exchange.action ?? '',
    version: exchange.product?.version ?? '',
    ...(operation ? { kind: operation.kind } : {}),
    plane: 'management',
    scope: operation?.rules.scope ?? 'region',
    ...(typeof permission === 'string' ? { permission } : {}),
    principal,
    accessKeyId: exchange.signed?.accessKeyId.slice(0, 128),
    regionId: exchange.regionId,
    host: headerOf(http, 'host') ?? '',
    sourceIp: http.sourceIp,
    userAgent: headerOf(http, 'user-agent') ?? '',
    secureTransport: http.secureTransport,
    outcome,
    resources: isKeptOut(exchange.residency) ? [] : exchange.resources,
    // Nobody's words are kept for good before it is known whose they are.
    parameters: principal && !isKeptOut(exchange.residency) ? keptParameters(exchange.parameters) : {},
    ...(response === undefined ? {} : { response: keptResponse(response) }),
    ...(exchange.residency ? { residency: exchange.residency } : {}),
  }
}

/** Whether the call's data may not be in this region: then its trail, which lies there, does not keep it either. */
export function isKeptOut(residency: ResidencyEvidence | undefined): boolean {
  return residency !== undefined && residency.decision !== 'allow'
}
