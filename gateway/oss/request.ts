/** What operations see of a request: one dialect's headers, and a body without transfer framing. */

import { createHash } from 'node:crypto'
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import type { TLSSocket } from 'node:tls'
import type { HostedRegions } from '@pileus/kernel/hosted-regions'
import { say } from '@pileus/kernel/messages/text'
import { type ObjectRequest, objectError, type XmlElement } from '@pileus/kernel/object-protocol'
import { openBody } from './body.ts'
import { ossErrors } from './errors.ts'
import type { ObjectExchange } from './exchange.ts'
import { headersFromS3 } from './s3-dialect.ts'
import { parseXml } from './xml.ts'

/** Largest XML body, in bytes: a deletion of 1,000 long keys fits. */
const maxXmlBytes = 4 * 1024 * 1024

export function createObjectRequest(exchange: ObjectExchange, hosted: HostedRegions): ObjectRequest {
  const { incoming, address, dialect, signature } = exchange
  const { bucket, key } = address
  const body = openBody(exchange)
  const named = address.regionId ?? signature?.regionId
  let signal: AbortSignal | undefined
  const readBody = async (limitBytes: number): Promise<Buffer> => {
    const text = await readBounded(body.source, limitBytes)
    checkContentMd5(exchange, text)
    return text
  }
  return {
    requestId: exchange.requestId,
    startedAt: exchange.startedAt,
    method: exchange.method,
    dialect,
    bucket,
    key,
    query: exchange.query,
    headers: headersOf(exchange, incoming.headers),
    ...(exchange.form ? { form: exchange.form.fields } : {}),
    regionId: named !== undefined && hosted.has(named) ? named : hosted.defaultRegionId,
    endpoint: incoming.headers.host ?? '',
    sourceIp: exchange.sourceIp,
    secureTransport: exchange.secureTransport,
    tlsVersion: tlsVersionOf(incoming),
    contentBytes: body.contentBytes,
    body: body.source,
    abortSignal: () => {
      signal ??= abortOf(incoming)
      return signal
    },
    readBody,
    readXml: async (rootName) => parseDocument(await readBody(maxXmlBytes), rootName),
    async findXml(rootName) {
      const text = await readBody(maxXmlBytes)
      return text.length === 0 ? undefined : parseDocument(text, rootName)
    },
  }
}

/** @throws InvalidDigest, or BadDigest in the words of S3 */
function checkContentMd5({ incoming, dialect }: ObjectExchange, body: Buffer): void {
  const given = incoming.headers['content-md5']
  if (given === undefined || given === createHash('md5').update(body).digest('base64')) return
  if (dialect === 's3') throw objectError(ossErrors.BadDigest, { facts: { name: 'Content-MD5' } })
  throw objectError(ossErrors.InvalidDigest)
}

function tlsVersionOf({ socket }: IncomingMessage): string | undefined {
  const version = 'getProtocol' in socket ? (socket as TLSSocket).getProtocol() : undefined
  // Node writes the first version without its minor number.
  return version === 'TLSv1' ? 'TLSv1.0' : (version ?? undefined)
}

/** Fields of a form that stand for headers. */
const formHeader = /^(?:x-oss-|x-amz-|content-(?:type|md5|encoding|disposition|language)$|cache-control$|expires$)/

function headersOf({ dialect, address, form }: ObjectExchange, given: IncomingHttpHeaders): IncomingHttpHeaders {
  const headers: IncomingHttpHeaders = form
    ? Object.fromEntries([...form.fields].filter(([name]) => formHeader.test(name)).map(latin1))
    : given
  return dialect === 's3' ? headersFromS3(headers, address.key !== undefined) : headers
}

function parseDocument(body: Buffer, rootName: string): XmlElement {
  const root = parseXml(body.toString('utf8'))
  if (root.name === rootName) return root
  throw objectError(ossErrors.MalformedXML, { facts: { reason: say`its root must be ${rootName}.` } })
}

/** Fields are text, headers come as bytes. */
function latin1([name, value]: [string, string]): [string, string] {
  return [name, Buffer.from(value, 'utf8').toString('latin1')]
}

/** Aborts when the connection ends before the answer does. */
function abortOf(incoming: IncomingMessage): AbortSignal {
  const controller = new AbortController()
  const abort = (): void => {
    if (!incoming.complete) controller.abort(new Error('the client went away'))
  }
  if (incoming.closed) abort()
  else incoming.once('close', abort)
  return controller.signal
}

async function readBounded(source: AsyncIterable<Uint8Array>, limitBytes: number): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of source) {
    size += chunk.length
    if (size > limitBytes) throw objectError(ossErrors.EntityTooLarge, { facts: { limit: limitBytes } })
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
