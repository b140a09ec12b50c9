import { createHash, createHmac } from 'node:crypto'
import { apiError } from '@pileus/kernel/errors'
import { say, type Text } from '@pileus/kernel/messages/text'
import { gatewayErrors } from '../errors.ts'
import { type HttpRequest, headerOf } from '../http-request.ts'
import { percentEncode } from '../protocols/percent.ts'
import { byBytes } from './rpc-v1.ts'
import { isSameSignature, type SignedRequest } from './signed-request.ts'
import { parseIsoTimestamp } from './timestamps.ts'

const algorithm = 'ACS3-HMAC-SHA256'
const authorizationForm =
  /^ACS3-HMAC-SHA256\s+Credential=([^,\s]+)\s*,\s*SignedHeaders=([^,\s]+)\s*,\s*Signature=([0-9a-fA-F]+)$/

/**
 * Signature version 3, in headers. The headers signed are those the client lists, but host, date, nonce, action,
 * version and body hash must be among them when they are sent, or they could be exchanged.
 * @see docs/sources.md#signatures
 */
export function readAcs3(request: HttpRequest, query: ReadonlyMap<string, string>): SignedRequest {
  const authorization = headerOf(request, 'authorization') ?? ''
  const given = authorizationForm.exec(authorization)
  if (!given) {
    const label = authorization.split(/\s/, 1)[0] ?? ''
    if (label !== algorithm)
      throw apiError(gatewayErrors.InvalidSignatureMethod, { method: label.slice(0, 64), accepted: algorithm })
    throw incomplete(say`the Authorization header must hold Credential, SignedHeaders and Signature.`)
  }
  const [, accessKeyId = '', signedList = '', signature = ''] = given
  const signedNames = signedList.toLowerCase().split(';')
  checkSignedNames(request, signedNames)
  const bodyHash = createHash('sha256').update(request.body).digest('hex')
  if (headerOf(request, 'x-acs-content-sha256')?.toLowerCase() !== bodyHash) {
    throw incomplete(say`x-acs-content-sha256 is not the SHA-256 of the body that arrived.`)
  }
  const timestamp = headerOf(request, 'x-acs-date') ?? ''
  const nonce = headerOf(request, 'x-acs-signature-nonce')
  if (!nonce) throw incomplete(say`the header x-acs-signature-nonce is missing.`)
  const canonical = [
    request.method,
    canonicalPath(request.path),
    canonicalQuery(query),
    `${signedNames.map((name) => `${name}:${headerValue(request, name)}\n`).join('')}`,
    signedNames.join(';'),
    bodyHash,
  ].join('\n')
  const stringToSign = `${algorithm}\n${createHash('sha256').update(canonical).digest('hex')}`
  return {
    accessKeyId,
    securityToken: headerOf(request, 'x-acs-security-token') || undefined,
    nonce,
    timestamp,
    signedAt: parseIsoTimestamp(timestamp),
    stringToSign,
    matches(secret) {
      return isSameSignature(signature.toLowerCase(), createHmac('sha256', secret).update(stringToSign).digest('hex'))
    },
  }
}

function checkSignedNames(request: HttpRequest, signedNames: readonly string[]): void {
  const signed = new Set(signedNames)
  if (signed.size !== signedNames.length) throw incomplete(say`SignedHeaders names a header twice.`)
  const mustBeSigned = Object.keys(request.headers).filter((name) => name === 'host' || name.startsWith('x-acs-'))
  const unsigned = mustBeSigned.find((name) => !signed.has(name))
  if (unsigned) throw incomplete(say`the header ${unsigned} is sent but not signed.`)
  // The names are the client's: `constructor` must not find what objects inherit.
  const absent = signedNames.find((name) => !Object.hasOwn(request.headers, name))
  if (absent !== undefined) throw incomplete(say`the header ${absent.slice(0, 100)} is signed but not sent.`)
  // It decides whether the body holds parameters.
  if (request.body.length > 0 && request.headers['content-type'] !== undefined && !signed.has('content-type')) {
    throw incomplete(say`the header content-type is sent with a body but not signed.`)
  }
}

function headerValue(request: HttpRequest, name: string): string {
  const value = request.headers[name]
  return Array.isArray(value)
    ? value
        .map((one) => one.trim())
        .sort()
        .join(',')
    : (value ?? '').trim()
}

function canonicalQuery(query: ReadonlyMap<string, string>): string {
  const names = [...query.keys()].sort(byBytes)
  return names.map((name) => `${percentEncode(name)}=${percentEncode(query.get(name) ?? '')}`).join('&')
}

function canonicalPath(path: string): string {
  if (path === '' || path === '/') return '/'
  try {
    return path
      .split('/')
      .map((part) => percentEncode(decodeURIComponent(part)))
      .join('/')
  } catch {
    throw apiError(gatewayErrors['InvalidParameter.Encoding'], { part: 'path' })
  }
}

function incomplete(reason: Text) {
  return apiError(gatewayErrors.IncompleteSignature, { reason })
}
