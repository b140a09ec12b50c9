import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { encodeXml, escapeXml, xmlTextWithReferences } from '@pileus/contract/encode'
import type { Clock } from '@pileus/kernel/clock'
import { ApiError } from '@pileus/kernel/errors'
import type { Translator } from '@pileus/kernel/messages/translator'
import { ObjectError, objectError } from '@pileus/kernel/object-protocol'
import { compressAnswer } from './compression.ts'
import { ossErrors } from './errors.ts'
import type { ObjectExchange } from './exchange.ts'
import { renderS3Acl } from './s3-acl.ts'
import { headerListForS3, xmlToS3 } from './s3-dialect.ts'

/** Most bytes of an unread body for which a connection is kept. */
const maxUnreadBytes = 1024 * 1024

/** Writes the answer and returns its status. @throws what reading the bytes throws before the first of them */
export async function sendAnswer(exchange: ObjectExchange, outgoing: ServerResponse, clock: Clock): Promise<number> {
  const { answer, dialect } = exchange
  if (!answer) throw new Error('sendAnswer comes after run')
  const headers = Object.assign(baseHeaders(exchange, clock), answer.headers)
  const { body } = answer
  if (body?.kind === 'bytes' && exchange.method !== 'HEAD') {
    const sent = compressAnswer(exchange, answer.status, { headers, bytes: body.bytes })
    if (Buffer.isBuffer(sent.bytes)) {
      outgoing.writeHead(answer.status, headerListOf(exchange, sent.headers))
      outgoing.end(sent.bytes)
    } else await sendStream(outgoing, answer.status, headerListOf(exchange, sent.headers), sent.bytes)
    return answer.status
  }
  let content = ''
  if (body?.kind === 'xml') {
    // Keys may hold any character, and a listing that drops some names another key. Each dialect's clients read its way.
    const xml =
      dialect === 's3' && body.root === 'AccessControlPolicy'
        ? renderS3Acl(body.value)
        : dialect === 's3'
          ? encodeXml(body.root, xmlToS3(body.value), xmlTextWithReferences)
          : encodeXml(body.root, body.value, escapeXml)
    content = xml.replaceAll("'", '"')
    headers['content-type'] = 'application/xml'
  } else if (body?.kind === 'text') {
    content = body.text
    headers['content-type'] = body.contentType
  }
  const mayHaveBody = answer.status !== 204 && answer.status !== 304
  if (mayHaveBody && body?.kind !== 'bytes' && !(exchange.method === 'HEAD' && 'content-length' in headers)) {
    headers['content-length'] = String(Buffer.byteLength(content))
  }
  finish(exchange, outgoing, answer.status, headers, content)
  return answer.status
}

/** Names and values in turn: as a flat list Node writes them out directly. */
function headerListOf({ dialect }: ObjectExchange, headers: Readonly<Record<string, string>>): string[] {
  if (dialect === 's3') return headerListForS3(headers)
  const list: string[] = []
  for (const name of Object.keys(headers)) list.push(name, headers[name]!)
  return list
}

async function sendStream(
  outgoing: ServerResponse,
  status: number,
  headers: string[],
  bytes: AsyncIterable<Buffer>,
): Promise<void> {
  let isHeadSent = false
  for await (const chunk of bytes) {
    // The first bytes must be there before the status promises them.
    if (!isHeadSent) outgoing.writeHead(status, headers)
    isHeadSent = true
    if (!outgoing.write(chunk) && !outgoing.destroyed) {
      const gone = new AbortController()
      const onClose = (): void => gone.abort()
      outgoing.once('close', onClose)
      await once(outgoing, 'drain', { signal: gone.signal }).catch(() => {})
      outgoing.off('close', onClose)
    }
    if (outgoing.destroyed) return
  }
  if (!isHeadSent) outgoing.writeHead(status, headers)
  outgoing.end()
}

/** Writes the error in the vendor's form, or cuts an answer that has begun. */
export async function sendError(
  exchange: ObjectExchange,
  outgoing: ServerResponse,
  thrown: unknown,
  clock: Clock,
  translator: Translator,
): Promise<ApiError> {
  const error =
    thrown instanceof ApiError
      ? thrown
      : objectError(ossErrors.InternalError, { facts: { requestId: exchange.requestId }, cause: thrown })
  if (outgoing.headersSent) {
    outgoing.destroy()
    return error
  }
  const { requestId, method, incoming } = exchange
  const own = error instanceof ObjectError ? error : undefined
  const xml = encodeXml('Error', {
    Code: error.code,
    Message: translator.translate(error.text, incoming.headers['accept-language']),
    RequestId: requestId,
    HostId: incoming.headers.host ?? '',
    EC: errorNumberOf(error),
    ...own?.details,
  }).replace(/^[^>]*>/, '<?xml version="1.0" encoding="UTF-8"?>')
  const headers: Record<string, string> = {
    ...baseHeaders(exchange, clock),
    'content-type': 'application/xml',
    'x-oss-ec': own?.details['EC'] ?? errorNumberOf(error),
    ...own?.headers,
  }
  let content = ''
  if (method === 'HEAD') {
    headers['x-oss-err'] = Buffer.from(xml).toString('base64')
  } else if (error.httpStatus !== 304) {
    content = xml
  }
  if (error.httpStatus !== 304 && method !== 'HEAD') headers['content-length'] = String(Buffer.byteLength(content))
  finish(exchange, outgoing, error.httpStatus, headers, content)
  return error
}

/** Numbers that the vendor documents for its most frequent errors. @see docs/sources.md#oss */
const errorNumbers: Readonly<Record<string, string>> = {
  NoSuchKey: '0026-00000001',
  NoSuchBucket: '0015-00000101',
  SignatureDoesNotMatch: '0002-00000040',
  InvalidAccessKeyId: '0002-00000902',
  AccessDenied: '0003-00000001',
}

/** Some readers promise a body and send none; what comes next on the connection would be taken for it. */
function lacksBody({ method, incoming }: ObjectExchange): boolean {
  return (method === 'GET' || method === 'HEAD') && !incoming.complete && 'content-length' in incoming.headers
}

function errorNumberOf({ code, httpStatus }: ApiError): string {
  return errorNumbers[code] ?? `0001-${String(httpStatus).padStart(8, '0')}`
}

function baseHeaders(exchange: ObjectExchange, clock: Clock): Record<string, string> {
  const now = clock.now()
  const headers: Record<string, string> = {
    server: 'AliyunOSS',
    date: dateText(now),
    'x-oss-request-id': exchange.requestId,
    'x-oss-server-time': String(Math.max(0, now.getTime() - exchange.startedAt.getTime())),
  }
  if (exchange.crossOrigin) Object.assign(headers, exchange.crossOrigin)
  if (lacksBody(exchange)) headers['connection'] = 'close'
  return headers
}

const lastDate = { second: Number.NaN, text: '' }

/** The same text for all answers of a second. */
function dateText(now: Date): string {
  const second = Math.floor(now.getTime() / 1000)
  if (second !== lastDate.second) Object.assign(lastDate, { second, text: now.toUTCString() })
  return lastDate.text
}

function finish(
  exchange: ObjectExchange,
  outgoing: ServerResponse,
  status: number,
  headers: Record<string, string>,
  content: string,
): void {
  const { incoming } = exchange
  const announced = Number(incoming.headers['content-length'] ?? Number.POSITIVE_INFINITY)
  const hasBody =
    incoming.headers['transfer-encoding'] !== undefined || incoming.headers['content-length'] !== undefined
  // A client that is refused should not have to send the rest; a short rest is cheaper than a new connection.
  if (hasBody && !incoming.complete && announced > maxUnreadBytes) headers['connection'] = 'close'
  outgoing.writeHead(status, headerListOf(exchange, headers))
  outgoing.end(content)
}
