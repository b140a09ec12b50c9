/** Requests for tests, signed without a client: whole and correct unless the test says otherwise. */
import { createHash, createHmac, randomUUID } from 'node:crypto'
import type { HttpRequest } from './http-request.ts'
import { percentEncode } from './protocols/percent.ts'
import { rpcV1StringToSign } from './signatures/rpc-v1.ts'

export interface TestKey {
  accessKeyId: string
  accessKeySecret: string
}

/** A request as the HTTP server would hand it over. */
export function httpRequest(parts: Partial<HttpRequest> = {}): HttpRequest {
  return {
    method: 'GET',
    path: '/',
    query: '',
    headers: { host: '127.0.0.1:8080' },
    body: Buffer.alloc(0),
    sourceIp: '127.0.0.1',
    secureTransport: false,
    ...parts,
  }
}

/** Seconds-precise UTC, as both RPC schemes write it. */
export function timestampOf(at: Date): string {
  return `${at.toISOString().slice(0, 19)}Z`
}

/** RPC v1; `parameters` override the system's, and `undefined` leaves one out. */
export function signedRpcV1(
  key: TestKey,
  parameters: Readonly<Record<string, string | undefined>>,
  method: 'GET' | 'POST' = 'POST',
): HttpRequest {
  const all = new Map<string, string>()
  const wanted = {
    Format: 'JSON',
    AccessKeyId: key.accessKeyId,
    SignatureMethod: 'HMAC-SHA1',
    SignatureVersion: '1.0',
    SignatureNonce: randomUUID(),
    Timestamp: timestampOf(new Date()),
    ...parameters,
  }
  for (const [name, value] of Object.entries(wanted)) if (value !== undefined) all.set(name, value)
  const signature = createHmac('sha1', `${key.accessKeySecret}&`)
    .update(rpcV1StringToSign(method, all))
    .digest('base64')
  const text = formOf([...all, ['Signature', signature]])
  if (method === 'GET') return httpRequest({ query: text })
  const headers = { host: '127.0.0.1:8080', 'content-type': 'application/x-www-form-urlencoded' }
  return httpRequest({ method, headers, body: Buffer.from(text) })
}

/** ACS3 with every `x-acs-*` header, host and content-type signed. */
export function signedAcs3(
  key: TestKey,
  options: {
    action: string
    version: string
    query?: Readonly<Record<string, string>>
    form?: Readonly<Record<string, string>>
    /** Instead of `form`. */
    body?: Buffer
    contentType?: string
    headers?: Readonly<Record<string, string>>
    path?: string
  },
): HttpRequest {
  const body = options.body ?? Buffer.from(formOf(Object.entries(options.form ?? {})))
  const contentType = options.contentType ?? (options.form ? 'application/x-www-form-urlencoded' : undefined)
  const bodyHash = createHash('sha256').update(body).digest('hex')
  const headers: Record<string, string> = {
    host: '127.0.0.1:8080',
    'x-acs-action': options.action,
    'x-acs-version': options.version,
    'x-acs-date': timestampOf(new Date()),
    'x-acs-signature-nonce': randomUUID(),
    'x-acs-content-sha256': bodyHash,
    ...(contentType === undefined ? {} : { 'content-type': contentType }),
    ...options.headers,
  }
  const path = options.path ?? '/'
  const pairs = Object.entries(options.query ?? {}).sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
  const names = Object.keys(headers).sort()
  const canonical = [
    'POST',
    path,
    formOf(pairs),
    names.map((name) => `${name}:${headers[name]?.trim()}\n`).join(''),
    names.join(';'),
    bodyHash,
  ].join('\n')
  const stringToSign = `ACS3-HMAC-SHA256\n${createHash('sha256').update(canonical).digest('hex')}`
  const signature = createHmac('sha256', key.accessKeySecret).update(stringToSign).digest('hex')
  headers['authorization'] =
    `ACS3-HMAC-SHA256 Credential=${key.accessKeyId},SignedHeaders=${names.join(';')},Signature=${signature}`
  return httpRequest({ method: 'POST', path, query: formOf(pairs), headers, body })
}

/** Pairs as they travel in a query or a form. */
export function formOf(pairs: Iterable<readonly [string, string]>): string {
  return [...pairs].map(([name, value]) => `${percentEncode(name)}=${percentEncode(value)}`).join('&')
}
