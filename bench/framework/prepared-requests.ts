/** Whole requests as bytes, signed as the official clients sign them, each with a nonce of its own. */
import { createHash, createHmac, randomUUID } from 'node:crypto'
import type { LoadJob } from './load.ts'

export function prepareRequests({ request, count, port }: LoadJob): Buffer[] {
  if (request.kind === 'fixed') return Array<Buffer>(count).fill(Buffer.from(request.bytes, 'latin1'))
  const host = `127.0.0.1:${port}`
  const timestamp = `${new Date().toISOString().slice(0, 19)}Z`
  const make = request.kind === 'acs3' ? acs3 : rpcV1
  return Array.from({ length: count }, () => make(request, host, timestamp))
}

/** Sends the first prepared request of a job by itself. @throws Error unless it succeeds */
export async function answerOf(job: LoadJob): Promise<string> {
  const [request] = prepareRequests({ ...job, count: 1 })
  const [head = ''] = String(request).split('\r\n\r\n')
  const [line = '', ...lines] = head.split('\r\n')
  const headers = lines.map((one): [string, string] => [one.split(': ', 1)[0]!, one.slice(one.indexOf(': ') + 2)])
  const sent = headers.filter(([name]) => !/^(?:host|content-length)$/i.test(name))
  const [method = '', target = ''] = line.split(' ')
  const response = await fetch(`http://127.0.0.1:${job.port}${target}`, { method, headers: sent })
  const body = await response.text()
  if (response.status !== 200) throw new Error(`a call got ${response.status} ${body}`)
  return body
}

type Signed = Exclude<LoadJob['request'], { kind: 'fixed' }>

const emptyHash = createHash('sha256').update('').digest('hex')

function acs3(request: Signed, host: string, timestamp: string): Buffer {
  const query = queryOf(Object.entries(request.query))
  const headers: [string, string][] = [
    ['host', host],
    ['x-acs-action', request.action],
    ['x-acs-content-sha256', emptyHash],
    ['x-acs-date', timestamp],
    ['x-acs-signature-nonce', randomUUID()],
    ['x-acs-version', request.version],
  ]
  const names = headers.map(([name]) => name).join(';')
  const lines = headers.map(([name, value]) => `${name}:${value}\n`).join('')
  const canonical = `POST\n/\n${query}\n${lines}\n${names}\n${emptyHash}`
  const stringToSign = `ACS3-HMAC-SHA256\n${createHash('sha256').update(canonical).digest('hex')}`
  const signature = createHmac('sha256', request.accessKeySecret).update(stringToSign).digest('hex')
  const authorization = `ACS3-HMAC-SHA256 Credential=${request.accessKeyId},SignedHeaders=${names},Signature=${signature}`
  const sent = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')
  return Buffer.from(
    `POST /?${query} HTTP/1.1\r\n${sent}accept: application/json\r\nuser-agent: bench\r\nAuthorization: ${authorization}\r\ncontent-length: 0\r\n\r\n`,
  )
}

function rpcV1(request: Signed, host: string, timestamp: string): Buffer {
  const query = queryOf([
    ['AccessKeyId', request.accessKeyId],
    ['Action', request.action],
    ['Format', 'JSON'],
    ...Object.entries(request.query),
    ['SignatureMethod', 'HMAC-SHA1'],
    ['SignatureNonce', randomUUID()],
    ['SignatureVersion', '1.0'],
    ['Timestamp', timestamp],
    ['Version', request.version],
  ])
  const signature = createHmac('sha1', `${request.accessKeySecret}&`)
    .update(`GET&%2F&${encodeURIComponent(query)}`)
    .digest('base64')
  return Buffer.from(
    `GET /?${query}&Signature=${encodeURIComponent(signature)} HTTP/1.1\r\nhost: ${host}\r\nuser-agent: bench\r\n\r\n`,
  )
}

/** Names and values here hold nothing that the two encoders treat differently. */
function queryOf(pairs: [string, string][]): string {
  return pairs
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
    .sort()
    .join('&')
}
