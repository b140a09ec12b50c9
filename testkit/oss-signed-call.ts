/** One call of object storage signed by hand, for what the official SDK for Node cannot say. */
import { createHash, createHmac } from 'node:crypto'
import { request } from 'node:http'

export interface OssCall {
  method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE'
  bucket?: string
  key?: string
  /** Sub-resources; undefined for one without a value. */
  query?: Record<string, string | undefined>
  headers?: Record<string, string>
  body?: string | Buffer
  /** Name in the Host header, instead of naming the bucket in the path. */
  host?: string
}

export interface OssCallAnswer {
  status: number
  headers: Record<string, string>
  text: string
  /** Of an error, also where the answer has no body. */
  code: string | undefined
}

interface Caller {
  /** `127.0.0.1:<port>`. */
  endpoint: string
  accessKeyId: string
  accessKeySecret: string
  /** The cloud's time, where it is not the machine's. */
  now?: Date
}

/** Sends it with a version 1 signature, or with none. Errors are answers too. */
export function callOss(caller: Caller, call: OssCall, how: 'signed' | 'anonymous' = 'signed'): Promise<OssCallAnswer> {
  const { method, bucket, key, query = {}, body = '' } = call
  const resource = bucket === undefined ? '/' : `/${bucket}/${key ?? ''}`
  const pairs = Object.entries(query).toSorted(([a], [b]) => (a < b ? -1 : 1))
  const write = (encode: (text: string) => string): string =>
    pairs.map(([name, value]) => (value === undefined ? name : `${name}=${encode(value)}`)).join('&')
  const date = (caller.now ?? new Date()).toUTCString()
  const headers: Record<string, string> = { date, ...call.headers }
  if (body.length > 0) headers['content-md5'] = createHash('md5').update(body).digest('base64')
  if (how === 'signed') {
    const own = Object.entries(headers).filter(([name]) => name.startsWith('x-oss-'))
    const lines = own.toSorted().map(([name, value]) => `${name}:${value}\n`)
    const first = [method, headers['content-md5'] ?? '', headers['content-type'] ?? '', date].join('\n')
    const query = write((text) => text)
    const text = `${first}\n${lines.join('')}${resource}${query === '' ? '' : `?${query}`}`
    const signature = createHmac('sha1', caller.accessKeySecret).update(text).digest('base64')
    headers['authorization'] = `OSS ${caller.accessKeyId}:${signature}`
  }
  const encodedKey = (key ?? '').split('/').map(encodeURIComponent).join('/')
  const path = call.host === undefined ? `/${bucket === undefined ? '' : `${bucket}/`}${encodedKey}` : `/${encodedKey}`
  const search = write(encodeURIComponent)
  const [hostname, port] = caller.endpoint.split(':')
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        hostname,
        port,
        method,
        path: search === '' ? path : `${path}?${search}`,
        headers: { host: call.host ?? caller.endpoint, 'content-length': String(Buffer.byteLength(body)), ...headers },
      },
      (answer) => {
        const chunks: Buffer[] = []
        answer.on('data', (chunk: Buffer) => chunks.push(chunk))
        answer.on('error', reject)
        answer.on('end', () => {
          const text = Buffer.concat(chunks).toString()
          const given = Object.entries(answer.headers).map(([name, value]) => [name, String(value)])
          const error = answer.headers['x-oss-err']
          const xml = typeof error === 'string' ? Buffer.from(error, 'base64').toString() : text
          resolve({
            status: answer.statusCode ?? 0,
            headers: Object.fromEntries(given) as Record<string, string>,
            text,
            code: (answer.statusCode ?? 0) >= 300 ? /<Code>(\w+)/.exec(xml)?.[1] : undefined,
          })
        })
      },
    )
    sent.on('error', reject)
    sent.end(body)
  })
}
