/** Object stores as the load program addresses them, and their requests, signed cheaply and the same way for all. */
import { createHash, createHmac } from 'node:crypto'

export interface ObjectTarget {
  /** Which wire: S3 with version 4 signatures over an unsigned payload, or Azure's with a shared key. */
  wire: 's3' | 'azure'
  port: number
  accessKeyId: string
  /** Base64 for Azure. */
  accessKeySecret: string
  bucket: string
}

export type ObjectCall =
  | { kind: 'put'; key: string; bytes: number }
  | { kind: 'get'; key: string }
  | ({ kind: 'list'; prefix: string } & PageShape)
  | { kind: 'makeBucket' }

/** Which listing, in the words of S3; the second version when it is not said. */
export interface PageShape {
  listing?: 'V1' | 'V2' | 'versions'
  delimiter?: string
  /** A key that entries come after. */
  after?: string
}

/** Head of a request, up to and with the empty line. */
export type SignHead = (call: ObjectCall) => Buffer

/** Signs for `target` from now on; S3 takes such signatures for 15 minutes, and takes them again. */
export function createSigner(target: ObjectTarget, now = new Date()): SignHead {
  return target.wire === 's3' ? s3Signer(target, now) : azureSigner(target, now)
}

function s3Signer({ port, accessKeyId, accessKeySecret, bucket }: ObjectTarget, now: Date): SignHead {
  const amzDate = now.toISOString().replace(/[-:]|\.\d+/g, '')
  const day = amzDate.slice(0, 8)
  const scope = `${day}/us-east-1/s3/aws4_request`
  let key: Buffer = Buffer.from(`AWS4${accessKeySecret}`)
  for (const part of scope.split('/')) key = hmac('sha256', key, part)
  const host = `127.0.0.1:${port}`
  const signed = 'host;x-amz-content-sha256;x-amz-date'
  const fixed = `host:${host}\nx-amz-content-sha256:UNSIGNED-PAYLOAD\nx-amz-date:${amzDate}\n\n${signed}\nUNSIGNED-PAYLOAD`
  return (call) => {
    const method = methodOf(call)
    const path = `/${bucket}${pathOf(call)}`
    const query = call.kind === 'list' ? pageQuery(call) : ''
    const canonical = createHash('sha256').update(`${method}\n${path}\n${query}\n${fixed}`).digest('hex')
    const signature = hmac('sha256', key, `AWS4-HMAC-SHA256\n${amzDate}\n${scope}\n${canonical}`).toString('hex')
    return headOf(method, query === '' ? path : `${path}?${query}`, call, [
      `host: ${host}`,
      'x-amz-content-sha256: UNSIGNED-PAYLOAD',
      `x-amz-date: ${amzDate}`,
      `authorization: AWS4-HMAC-SHA256 Credential=${accessKeyId}/${scope}, SignedHeaders=${signed}, Signature=${signature}`,
    ])
  }
}

/** In the order that signatures want. */
function pageQuery({ prefix, listing = 'V2', delimiter, after }: { prefix: string } & PageShape): string {
  const marker = { V1: 'marker', V2: 'start-after', versions: 'key-marker' }[listing]
  const pairs: [string, string][] = [
    ['max-keys', '1000'],
    ['prefix', prefix],
    ...(listing === 'V2' ? [['list-type', '2'] as [string, string]] : []),
    ...(listing === 'versions' ? [['versions', ''] as [string, string]] : []),
    ...(delimiter === undefined ? [] : [['delimiter', delimiter] as [string, string]]),
    ...(after === undefined ? [] : [[marker, after] as [string, string]]),
  ]
  pairs.sort(([a], [b]) => (a < b ? -1 : 1))
  return pairs.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&')
}

function azureSigner({ port, accessKeyId, accessKeySecret, bucket }: ObjectTarget, now: Date): SignHead {
  const key = Buffer.from(accessKeySecret, 'base64')
  const date = now.toUTCString()
  return (call) => {
    const method = methodOf(call)
    const path = `/${accessKeyId}/${bucket}${pathOf(call)}`
    const parameters: [string, string][] =
      call.kind === 'list'
        ? [
            ['comp', 'list'],
            ['maxresults', '1000'],
            ['prefix', call.prefix],
            ['restype', 'container'],
          ]
        : call.kind === 'makeBucket'
          ? [['restype', 'container']]
          : []
    const headers = [
      ...(call.kind === 'put' ? ['x-ms-blob-type:BlockBlob'] : []),
      `x-ms-date:${date}`,
      'x-ms-version:2021-12-02',
    ]
    const length = call.kind === 'put' && call.bytes > 0 ? String(call.bytes) : ''
    const text = [
      method,
      '',
      '',
      length,
      ...Array<string>(8).fill(''),
      ...headers,
      `/${accessKeyId}${path}${parameters.map(([name, value]) => `\n${name}:${value}`).join('')}`,
    ].join('\n')
    const query = parameters.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&')
    return headOf(method, query === '' ? path : `${path}?${query}`, call, [
      `host: 127.0.0.1:${port}`,
      ...headers.map((header) => header.replace(':', ': ')),
      `authorization: SharedKey ${accessKeyId}:${hmac('sha256', key, text).toString('base64')}`,
    ])
  }
}

function methodOf({ kind }: ObjectCall): string {
  return kind === 'put' || kind === 'makeBucket' ? 'PUT' : 'GET'
}

function pathOf(call: ObjectCall): string {
  return call.kind === 'put' || call.kind === 'get' ? `/${call.key}` : ''
}

function headOf(method: string, target: string, call: ObjectCall, headers: readonly string[]): Buffer {
  const length = call.kind === 'put' ? call.bytes : 0
  const more = method === 'PUT' ? `content-length: ${length}\r\n` : ''
  return Buffer.from(`${method} ${target} HTTP/1.1\r\n${headers.join('\r\n')}\r\n${more}\r\n`)
}

function hmac(algorithm: string, key: Buffer, text: string): Buffer {
  return createHmac(algorithm, key).update(text).digest()
}
