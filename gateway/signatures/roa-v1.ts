import { createHmac, timingSafeEqual } from 'node:crypto'
import { apiError } from '@pileus/kernel/errors'
import { gatewayErrors } from '../errors.ts'
import { type HttpRequest, headerOf } from '../http-request.ts'
import { byBytes } from './rpc-v1.ts'
import type { SignedRequest } from './signed-request.ts'
import { parseHttpDate } from './timestamps.ts'

/** ROA signature version 1: `Authorization: acs <key>:<base64>`. @see docs/sources.md#signatures */
export function readRoaV1(request: HttpRequest, query: ReadonlyMap<string, string>): SignedRequest {
  const given = /^acs\s+([^:\s]+):(\S+)$/.exec(headerOf(request, 'authorization') ?? '')
  if (!given) throw incomplete('the Authorization header must read "acs <AccessKeyId>:<signature>".')
  const [, accessKeyId = '', signature = ''] = given
  const nonce = headerOf(request, 'x-acs-signature-nonce')
  if (!nonce) throw incomplete('the header x-acs-signature-nonce is missing.')
  const method = headerOf(request, 'x-acs-signature-method') ?? 'HMAC-SHA1'
  if (method !== 'HMAC-SHA1')
    throw apiError(gatewayErrors.InvalidSignatureMethod, { method: method.slice(0, 64), accepted: 'HMAC-SHA1' })
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
      const sent = Buffer.from(signature, 'base64')
      return candidates.some((candidate) => {
        const expected = createHmac('sha1', secret).update(candidate).digest()
        return sent.length === expected.length && timingSafeEqual(sent, expected)
      })
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

function incomplete(reason: string) {
  return apiError(gatewayErrors.IncompleteSignature, { reason })
}
