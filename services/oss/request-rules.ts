/** What a bucket's own rules say about a request that policies and ACLs allow: referer, payer, version of TLS. */
import { say, type Text } from '@pileus/kernel/messages/text'
import { type ObjectRequest, objectError } from '@pileus/kernel/object-protocol'
import type { Principal } from '@pileus/kernel/ports'
import type { Bucket } from './domain/bucket.ts'
import { header } from './domain/headers.ts'
import { allowsReferer } from './domain/referer.ts'
import { errors } from './errors.ts'

/** @throws AccessDenied that says which rule refuses it */
export function checkRequestRules({ settings, accountId }: Bucket, request: ObjectRequest, principal: Principal): void {
  const { referer, requestPayment, https } = settings
  if (referer && request.key !== undefined && comesByUrlAlone(request, principal)) {
    if (!allowsReferer(referer, header(request.headers, 'referer'))) {
      throw denied(say`You are denied by the referer rules of the bucket.`)
    }
  }
  if (requestPayment === 'Requester' && principal.accountId !== accountId && !paysItself(request, principal)) {
    throw denied(say`The bucket lets requesters pay. Sign the request and send x-oss-request-payer: requester.`)
  }
  const { tlsVersion } = request
  if (https && https.tlsVersions.length > 0 && tlsVersion !== undefined && !https.tlsVersions.includes(tlsVersion)) {
    throw denied(say`The bucket may not be reached by ${tlsVersion}. Use ${https.tlsVersions.join(' or ')}.`)
  }
}

/** A link on a page can bring anybody here so: without a signature, or with one that is in the URL. */
function comesByUrlAlone({ query }: ObjectRequest, principal: Principal): boolean {
  const isSigned = ['Signature', 'x-oss-signature', 'X-Amz-Signature'].some((name) => query.has(name))
  return principal.kind === 'anonymous' || isSigned
}

function paysItself({ headers, query }: ObjectRequest, principal: Principal): boolean {
  if (principal.kind === 'anonymous') return false
  const payer = header(headers, 'x-oss-request-payer') ?? query.get('x-oss-request-payer')
  return payer?.toLowerCase() === 'requester'
}

function denied(reason: Text) {
  return objectError(errors.AccessDenied, { facts: { reason } })
}
