/** Calls and events in the shape of the vendor's trail. @see docs/sources.md#actiontrail */
import { canonicalJson, type Json } from '@pileus/kernel/audit/canonical-json'
import { masked } from '@pileus/kernel/audit/redaction'
import { maxEntryBytes } from '@pileus/kernel/audit/tiles'
import { isoSeconds } from '@pileus/kernel/clock'
import type { AuditActor, AuditEvent, CallRecord, Principal, ResidencyEvidence } from '@pileus/kernel/ports'
import { resourcesOf } from './resources.ts'

/** What the log keeps of one event. */
export interface NewEntry {
  eventId: string
  regionId: string
  /** In whose trail it appears; undefined where nobody's identity was proved. */
  accountId: string | undefined
  at: Date
  /** Canonical JSON. */
  body: string
}

/** Longest text of others that is kept whole, in characters. */
const maxTextLength = 1_024

export function entryOfCall(call: CallRecord, eventId: string, regionId: string): NewEntry {
  const { outcome, principal, parameters, response } = call
  const accountId = call.ownerId ?? principal?.accountId
  const hasParameters = Object.keys(parameters).length > 0
  const event = {
    ...commonFields(eventId, call.at, regionId),
    additionalEventData: {
      httpStatus: outcome.httpStatus === 0 ? undefined : String(outcome.httpStatus),
      secureTransport: String(call.secureTransport),
      ...residencyField(call.residency),
    },
    apiVersion: call.version || undefined,
    ...errorFields(outcome.errorCode, principal ? outcome.errorMessage : undefined),
    eventCategory: call.plane === 'data' ? 'Data' : 'Management',
    eventName: call.action,
    eventRW: call.kind === 'read' ? 'Read' : 'Write',
    eventSource: call.host.slice(0, maxTextLength),
    eventType: 'ApiCall',
    isGlobal: call.scope === 'global',
    recipientAccountId: accountId || undefined,
    requestId: call.requestId,
    requestParameters: hasParameters ? parameters : undefined,
    requestParameterJson: hasParameters ? canonicalJson(parameters) : undefined,
    responseElements: response && Object.keys(response).length > 0 ? response : undefined,
    serviceName: call.product,
    sourceIpAddress: call.sourceIp,
    userAgent: call.userAgent.slice(0, maxTextLength),
    userIdentity: principal ? identityOf(principal) : { type: 'unknown', accessKeyId: call.accessKeyId },
    ...resourcesOf(call.resources, response),
  }
  return { eventId, regionId, accountId: accountId || undefined, at: call.at, body: bodyOf(event) }
}

export function entryOfEvent(event: AuditEvent, eventId: string, at: Date, newRequestId: string): NewEntry {
  const { actor, outcome, accountId, regionId } = event
  const [service = '', name = ''] = event.action.split(':')
  const fields = {
    ...commonFields(eventId, at, regionId),
    additionalEventData: { ...event.details, ...residencyField(event.residency) },
    ...(outcome.kind === 'failure' ? errorFields(outcome.errorCode, outcome.errorMessage) : {}),
    eventCategory: 'Management',
    eventName: name,
    eventRW: event.kind === 'read' ? 'Read' : 'Write',
    eventSource: 'pileus',
    eventType: actor.kind === 'customer' ? 'ApiCall' : 'AliyunServiceEvent',
    isGlobal: false,
    recipientAccountId: accountId,
    requestId: event.requestId ?? newRequestId,
    serviceName: service.charAt(0).toUpperCase() + service.slice(1),
    sourceIpAddress: 'Internal',
    userAgent: 'Internal',
    userIdentity: identityOfActor(actor),
    ...resourcesOf(event.resources, undefined),
  }
  return { eventId, regionId, accountId, at, body: bodyOf(fields) }
}

function commonFields(eventId: string, at: Date, regionId: string) {
  return { acsRegion: regionId, eventId, eventTime: isoSeconds(at), eventVersion: '1' }
}

function errorFields(errorCode: string | undefined, errorMessage: string | undefined) {
  return { errorCode, errorMessage: errorMessage?.slice(0, maxTextLength) }
}

function residencyField(evidence: ResidencyEvidence | undefined) {
  return evidence ? { residency: { ...evidence } } : {}
}

function identityOf(principal: Principal) {
  const { accountId, accessKeyId } = principal
  switch (principal.kind) {
    case 'root':
      return { type: 'root-account', principalId: accountId, accountId, accessKeyId, userName: 'root' }
    case 'user':
      return { type: 'ram-user', principalId: principal.userId, accountId, accessKeyId, userName: principal.userName }
    case 'role': {
      const { roleId, roleName, sessionName } = principal
      return {
        type: 'assumed-role',
        principalId: `${roleId}:${sessionName}`,
        accountId,
        accessKeyId,
        userName: `${roleName}:${sessionName}`,
        sessionContext: { attributes: { roleName, roleSessionName: sessionName } },
      }
    }
    case 'anonymous':
      return { type: 'anonymous' }
  }
}

function identityOfActor(actor: AuditActor) {
  switch (actor.kind) {
    case 'customer':
      return identityOf(actor.principal)
    case 'operator':
      return { type: 'operator', principalId: actor.operatorId, userName: actor.name }
    case 'platform':
      return { type: 'system', userName: actor.name }
  }
}

/** What may be given up, largest first, when an event would be longer than an entry of the log may be. */
const expendable = ['requestParameterJson', 'responseElements', 'requestParameters', 'referencedResources'] as const

function bodyOf(event: { [name: string]: Json | undefined }): string {
  let fields = event
  let body = canonicalJson(fields)
  for (const name of expendable) {
    // No character has more than three bytes in UTF-8 per UTF-16 unit.
    if (body.length * 3 <= maxEntryBytes || Buffer.byteLength(body) <= maxEntryBytes) return body
    fields = { ...fields, [name]: typeof fields[name] === 'string' ? masked : undefined }
    body = canonicalJson(fields)
  }
  return body
}
