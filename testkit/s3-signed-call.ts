/** One call in S3's dialect, signed with version 4 by hand, for what the official SDKs send and cannot be told to. */
import { createHash, createHmac } from 'node:crypto'
import { request } from 'node:http'
import type { OssCallAnswer } from './oss-signed-call.ts'

export interface S3Call {
  method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE'
  /** `/<bucket>/<key>`, already percent-encoded. */
  path: string
  query?: Record<string, string>
  /** Lower-case names; all are signed. */
  headers?: Record<string, string>
  body?: string | Buffer
  /** Bare, or in chunks that are signed or not, with these trailers behind. */
  framing?: { kind: 'signed' | 'unsigned'; chunkBytes: number; trailers?: Record<string, string> }
  /** Alters the bytes after they were signed. */
  tamper?: (sent: Buffer) => Buffer
}

interface Caller {
  /** `127.0.0.1:<port>`. */
  endpoint: string
  regionId: string
  accessKeyId: string
  accessKeySecret: string
}

const sha256 = (data: string | Buffer): string => createHash('sha256').update(data).digest('hex')
const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest()

/** Errors are answers too. */
export function callS3(caller: Caller, call: S3Call): Promise<OssCallAnswer> {
  const { method, path, query = {}, framing } = call
  const body = Buffer.from(call.body ?? '')
  const stamp = new Date().toISOString().replace(/[-:]|\.\d{3}/g, '')
  const scope = [stamp.slice(0, 8), caller.regionId, 's3', 'aws4_request']
  const key = scope.reduce<string | Buffer>((from, part) => hmac(from, part), `AWS4${caller.accessKeySecret}`) as Buffer
  const payload = payloadOf(framing, body)
  const headers: Record<string, string> = {
    host: caller.endpoint,
    'x-amz-date': stamp,
    'x-amz-content-sha256': payload,
    ...(framing ? { 'x-amz-decoded-content-length': String(body.length), 'content-encoding': 'aws-chunked' } : {}),
    ...call.headers,
  }
  const names = Object.keys(headers).toSorted()
  const search = Object.entries(query)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
    .join('&')
  const lines = names.map((name) => `${name}:${headers[name]}\n`).join('')
  const canonical = `${method}\n${path}\n${search}\n${lines}\n${names.join(';')}\n${payload}`
  const text = `AWS4-HMAC-SHA256\n${stamp}\n${scope.join('/')}\n${sha256(canonical)}`
  const signature = hmac(key, text).toString('hex')
  const credential = `${caller.accessKeyId}/${scope.join('/')}`
  headers['authorization'] =
    `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=${names.join(';')}, Signature=${signature}`
  const sign = (kind: string, previous: string, hashes: readonly string[]): string =>
    hmac(key, [`AWS4-HMAC-SHA256-${kind}`, stamp, scope.join('/'), previous, ...hashes].join('\n')).toString('hex')
  const framed = framing ? frame(body, framing, signature, sign) : body
  const sent = call.tamper ? call.tamper(framed) : framed
  headers['content-length'] = String(sent.length)
  return send(caller.endpoint, method, search === '' ? path : `${path}?${search}`, headers, sent)
}

function payloadOf(framing: S3Call['framing'], body: Buffer): string {
  if (!framing) return sha256(body)
  const tail = framing.trailers ? '-TRAILER' : ''
  return framing.kind === 'signed' ? `STREAMING-AWS4-HMAC-SHA256-PAYLOAD${tail}` : `STREAMING-UNSIGNED-PAYLOAD${tail}`
}

function frame(
  body: Buffer,
  { kind, chunkBytes, trailers }: NonNullable<S3Call['framing']>,
  seed: string,
  sign: (kind: string, previous: string, hashes: readonly string[]) => string,
): Buffer {
  const out: Buffer[] = []
  let previous = seed
  for (let at = 0; ; at += chunkBytes) {
    const chunk = body.subarray(at, at + chunkBytes)
    previous = sign('PAYLOAD', previous, [sha256(''), sha256(chunk)])
    const signature = kind === 'signed' ? `;chunk-signature=${previous}` : ''
    out.push(Buffer.from(`${chunk.length.toString(16)}${signature}\r\n`))
    if (chunk.length === 0) break
    out.push(chunk, Buffer.from('\r\n'))
  }
  const lines = Object.entries(trailers ?? {}).map(([name, value]) => `${name}:${value}`)
  out.push(Buffer.from(lines.map((line) => `${line}\r\n`).join('')))
  if (kind === 'signed' && trailers) {
    const signature = sign('TRAILER', previous, [sha256(lines.map((line) => `${line}\n`).join(''))])
    out.push(Buffer.from(`x-amz-trailer-signature:${signature}\r\n`))
  }
  out.push(Buffer.from('\r\n'))
  return Buffer.concat(out)
}

function send(
  endpoint: string,
  method: string,
  path: string,
  headers: Record<string, string>,
  body: Buffer,
): Promise<OssCallAnswer> {
  const [hostname, port] = endpoint.split(':')
  return new Promise((resolve, reject) => {
    const sent = request({ hostname, port, method, path, headers }, (answer) => {
      const chunks: Buffer[] = []
      answer.on('data', (chunk: Buffer) => chunks.push(chunk))
      answer.on('error', reject)
      answer.on('end', () => {
        const text = Buffer.concat(chunks).toString()
        const status = answer.statusCode ?? 0
        const given = Object.entries(answer.headers).map(([name, value]) => [name, String(value)])
        const code = status >= 300 ? /<Code>(\w+)/.exec(text)?.[1] : undefined
        resolve({ status, headers: Object.fromEntries(given) as Record<string, string>, text, code })
      })
    })
    sent.on('error', reject)
    sent.end(body)
  })
}
