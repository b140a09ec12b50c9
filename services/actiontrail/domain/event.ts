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

/**
 * The entry of a call. Fields stand in the order of their names, so that `JSON.stringify` gives canonical JSON: every
 * call passes here, and sorting costs three times as much as all the rest.
 */
export function entryOfCall(call: CallRecord, eventId: string, regionId: string): NewEntry {
  const { outcome, principal } = call
  const accountId = (call.ownerId ?? principal?.accountId) || undefined
  const parameters = sortedOrNone(call.parameters)
  const resources = resourcesOf(call.resources, call.response)
  const event = {
    acsRegion: regionId,
    additionalEventData: {
      httpStatus: outcome.httpStatus === 0 ? undefined : String(outcome.httpStatus),
      residency: call.residency && { ...call.residency },
      secureTransport: String(call.secureTransport),
    },
    apiVersion: call.version || undefined,
    errorCode: outcome.errorCode,
    errorMessage: principal && outcome.errorMessage?.slice(0, maxTextLength),
    eventCategory: call.plane === 'data' ? 'Data' : 'Management',
    eventId,
    eventName: call.action,
    eventRW: call.kind === 'read' ? 'Read' : 'Write',
    eventSource: call.host.slice(0, maxTextLength),
    eventTime: isoSeconds(call.at),
    eventType: 'ApiCall',
    eventVersion: '1',
    isGlobal: call.scope === 'global',
    recipientAccountId: accountId,
    referencedResources: resources.referencedResources,
    requestId: call.requestId,
    requestParameterJson: parameters && JSON.stringify(parameters),
    requestParameters: parameters,
    resourceName: resources.resourceName,
    resourceType: resources.resourceType,
    responseElements: sortedOrNone(call.response ?? {}),
    serviceName: call.product,
    sourceIpAddress: call.sourceIp,
    userAgent: call.userAgent.slice(0, maxTextLength),
    userIdentity: principal ? identityOf(principal) : { accessKeyId: call.accessKeyId, type: 'unknown' },
  }
  const isOrdered =
    call.residency === undefined && !hasNumericName(call.parameters) && !hasNumericName(call.response ?? {})
  return { eventId, regionId, accountId, at: call.at, body: bodyOf(event, isOrdered) }
}

function sortedOrNone(record: Readonly<Record<string, string>>): Record<string, string> | undefined {
  const names = Object.keys(record).sort()
  if (names.length === 0) return undefined
  const sorted: Record<string, string> = {}
  for (const name of names) sorted[name] = record[name] as string
  return sorted
}

/** Objects put such names first, in the order of numbers. */
function hasNumericName(record: Readonly<Record<string, string>>): boolean {
  for (const name in record) if (/^\d/.test(name)) return true
  return false
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
  return { eventId, regionId, accountId, at, body: bodyOf(fields, false) }
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
      return { accessKeyId, accountId, principalId: accountId, type: 'root-account', userName: 'root' }
    case 'user':
      return { accessKeyId, accountId, principalId: principal.userId, type: 'ram-user', userName: principal.userName }
    case 'role': {
      const { roleId, roleName, sessionName } = principal
      return {
        accessKeyId,
        accountId,
        principalId: `${roleId}:${sessionName}`,
        sessionContext: { attributes: { roleName, roleSessionName: sessionName } },
        type: 'assumed-role',
        userName: `${roleName}:${sessionName}`,
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

/** What JSON writes for NUL and for halves of surrogate pairs, which no database stores. */
const unstorable = /\\u(?:0000|[dD][89abAB])/

function bodyOf(event: { [name: string]: Json | undefined }, isOrdered: boolean): string {
  let fields = event
  let body = isOrdered ? JSON.stringify(fields) : ''
  if (!isOrdered || unstorable.test(body)) body = canonicalJson(fields)
  for (const name of expendable) {
    // No character has more than three bytes in UTF-8 per UTF-16 unit.
    if (body.length * 3 <= maxEntryBytes || Buffer.byteLength(body) <= maxEntryBytes) return body
    fields = { ...fields, [name]: typeof fields[name] === 'string' ? masked : undefined }
    body = canonicalJson(fields)
  }
  return body
}
