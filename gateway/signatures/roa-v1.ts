import { createHash, createHmac } from 'node:crypto'
import { apiError } from '@pileus/kernel/errors'
import { say, type Text } from '@pileus/kernel/messages/text'
import { gatewayErrors } from '../errors.ts'
import { type HttpRequest, headerOf, isForm } from '../http-request.ts'
import { byBytes } from './rpc-v1.ts'
import { isSameSignature, type SignedRequest } from './signed-request.ts'
import { parseHttpDate } from './timestamps.ts'

/**
 * ROA signature version 1: `Authorization: acs <key>:<base64>`. A body is covered by Content-MD5 alone; some official
 * clients send none, so over plain http their bodies are not protected. A form needs it, because its parameters decide
 * what is done. @see docs/sources.md#signatures
 */
export function readRoaV1(request: HttpRequest, query: ReadonlyMap<string, string>): SignedRequest {
  const given = /^acs\s+([^:\s]+):(\S+)$/.exec(headerOf(request, 'authorization') ?? '')
  if (!given) throw incomplete(say`the Authorization header must read "acs <AccessKeyId>:<signature>".`)
  const [, accessKeyId = '', signature = ''] = given
  const nonce = headerOf(request, 'x-acs-signature-nonce')
  if (!nonce) throw incomplete(say`the header x-acs-signature-nonce is missing.`)
  const method = headerOf(request, 'x-acs-signature-method') ?? 'HMAC-SHA1'
  if (method !== 'HMAC-SHA1')
    throw apiError(gatewayErrors.InvalidSignatureMethod, { method: method.slice(0, 64), accepted: 'HMAC-SHA1' })
  const bodyMd5 = headerOf(request, 'content-md5')
  if (bodyMd5 && bodyMd5 !== createHash('md5').update(request.body).digest('base64')) {
    throw incomplete(say`Content-MD5 is not the MD5 of the body that arrived.`)
  }
  if (!bodyMd5 && request.body.length > 0 && isForm(request)) {
    throw incomplete(say`the header Content-MD5 is missing, without which a form is not signed.`)
  }
  const timestamp = headerOf(request, 'date') ?? ''
  // Clients disagree on whether an empty value keeps its `=`: both are what an honest client may have signed.
  const candidates = [stringToSign(request, query, true), stringToSign(request, query, false)]
  return {
    accessKeyId,
    securityToken: headerOf(request, 'x-acs-security-token') || undefined,
    nonce,
    timestamp,
    signedAt: parseHttpDate(timestamp),
    stringToSign: candidates[0] ?? '',
    matches(secret) {
      return candidates.some((candidate) =>
        isSameSignature(signature, createHmac('sha1', secret).update(candidate).digest('base64')),
      )
    },
  }
}

function stringToSign(request: HttpRequest, query: ReadonlyMap<string, string>, keepsEquals: boolean): string {
  const lines = ['accept', 'content-md5', 'content-type', 'date'].map((name) => headerOf(request, name) ?? '')
  const acsNames = Object.keys(request.headers)
    .filter((name) => name.startsWith('x-acs-'))
    .sort()
  const acsLines = acsNames.map((name) => `${name}:${headerOf(request, name)}\n`).join('')
  const pairs = [...query.entries()]
    .sort(([a], [b]) => byBytes(a, b))
    .map(([name, value]) => (value === '' && !keepsEquals ? name : `${name}=${value}`))
  const resource = pairs.length > 0 ? `${request.path}?${pairs.join('&')}` : request.path
  return `${[request.method, ...lines].join('\n')}\n${acsLines}${resource}`
}

function incomplete(reason: Text) {
  return apiError(gatewayErrors.IncompleteSignature, { reason })
}
