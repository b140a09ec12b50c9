import { isoSeconds } from '@pileus/kernel/clock'
import { say, type Text } from '@pileus/kernel/messages/text'
import { type BucketPlace, type ObjectService, objectError } from '@pileus/kernel/object-protocol'
import type { AuthorizationDecision } from '@pileus/kernel/ports'
import { ossErrors } from '../errors.ts'
import type { ObjectExchange } from '../exchange.ts'

/** Finds whose bucket it is, and asks whether the caller may. */
export function authorize(service: ObjectService) {
  return (exchange: ObjectExchange): void | Promise<void> => {
    const { request, operation } = exchange
    if (!request || !operation) throw new Error('authorize comes after resolve')
    if (request.bucket === undefined) return ask(service, exchange, undefined)
    const found = service.findBucket(request.bucket)
    if (found instanceof Promise) return found.then((place) => ask(service, exchange, place))
    return ask(service, exchange, found)
  }
}

function ask(service: ObjectService, exchange: ObjectExchange, place: BucketPlace | undefined): void | Promise<void> {
  const { request, operation, principal } = exchange
  if (!request || !operation || !principal) throw new Error('authorize comes after resolve and authenticate')
  const makesBucket = operation.createsBucket === true
  if (request.bucket !== undefined && !place && !makesBucket) {
    throw objectError(ossErrors.NoSuchBucket, { details: { BucketName: request.bucket } })
  }
  const hostRegionId = exchange.address.regionId
  if (place && hostRegionId !== undefined && place.regionId !== hostRegionId && !makesBucket) {
    const endpoint = `oss-${place.regionId}.aliyuncs.com`
    throw objectError(
      { ...ossErrors.WrongEndpoint, code: 'AccessDenied' },
      { facts: { endpoint }, details: { Bucket: request.bucket ?? '', Endpoint: endpoint } },
    )
  }
  exchange.ownerId = makesBucket ? principal.accountId : (place?.accountId ?? principal.accountId)
  exchange.regionId = makesBucket ? request.regionId : (place?.regionId ?? request.regionId)
  const path =
    request.bucket === undefined ? '*' : request.key === undefined ? request.bucket : `${request.bucket}/${request.key}`
  exchange.resource = `acs:oss:${exchange.regionId}:${exchange.ownerId}:${path}`
  if (operation.permission === 'everybody') return
  if (principal.kind === 'anonymous' && (request.bucket === undefined || makesBucket)) {
    throw denied(exchange, say`An anonymous caller may not do this.`)
  }
  const decision = service.authorize({
    operation,
    principal,
    request,
    resource: exchange.resource,
    conditions: conditionsOf(exchange),
  })
  if (decision instanceof Promise) return decision.then((made) => enforce(exchange, made))
  enforce(exchange, decision)
}

function conditionsOf({ request, startedAt }: ObjectExchange): Record<string, string> {
  if (!request) throw new Error('conditions come after resolve')
  const conditions: Record<string, string> = {
    'acs:SourceIp': request.sourceIp,
    'acs:SecureTransport': String(request.secureTransport),
    'acs:CurrentTime': isoSeconds(startedAt),
    'acs:UserAgent': request.headers['user-agent'] ?? '',
    'acs:Referer': request.headers.referer ?? '',
  }
  const add = (name: string, value: string | undefined): void => {
    if (value !== undefined) conditions[name] = value
  }
  add('oss:Prefix', request.query.get('prefix'))
  add('oss:Delimiter', request.query.get('delimiter'))
  const acl = request.headers['x-oss-object-acl'] ?? request.headers['x-oss-acl']
  add('oss:x-oss-acl', Array.isArray(acl) ? acl[0] : acl)
  return conditions
}

function enforce(exchange: ObjectExchange, decision: AuthorizationDecision): void {
  if (decision.kind === 'allowed') return
  const { principal } = exchange
  if (principal?.kind === 'anonymous')
    throw denied(exchange, say`You have no right to access this object because of bucket acl.`)
  const { AuthAction, NoPermissionType } = decision.detail
  // What clients of temporary keys look for.
  const who = principal?.kind === 'role' ? "Access denied by authorizer's policy. " : ''
  const why = NoPermissionType === 'ExplicitDeny' ? 'A policy denies it.' : 'No policy or ACL allows it.'
  throw denied(exchange, say`${who}You are not authorized to do ${AuthAction} on ${exchange.resource}. ${why}`)
}

function denied(exchange: ObjectExchange, reason: Text) {
  const { bucket, key } = exchange.address
  return objectError(ossErrors.AccessDenied, {
    facts: { reason },
    details: {
      ...(bucket === undefined ? {} : { Bucket: bucket }),
      ...(key === undefined ? {} : { Object: key }),
    },
  })
}
