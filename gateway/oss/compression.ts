/** Objects of text are compressed on their way to clients that accept it, as the vendor does. */
import { pipeline, Readable } from 'node:stream'
import { createGzip } from 'node:zlib'
import type { ObjectExchange } from './exchange.ts'

/** Least size of what is worth it, in bytes. @see docs/sources.md#oss */
const leastBytes = 1024

const contentTypes = new Set([
  'application/javascript',
  'application/json',
  'application/rss+xml',
  'application/x-javascript',
  'application/xml',
  'text/cache-manifest',
  'text/css',
  'text/html',
  'text/javascript',
  'text/json',
  'text/plain',
  'text/xml',
])

interface Sent {
  headers: Record<string, string>
  bytes: Buffer | AsyncIterable<Buffer>
}

/** The same answer compressed, where it is asked for and worth it; its length is then not known before. */
export function compressAnswer({ dialect, method, incoming }: ObjectExchange, status: number, sent: Sent): Sent {
  const isWhole = dialect === 'oss' && method === 'GET' && status === 200
  const acceptEncoding = incoming.headers['accept-encoding']
  if (!isWhole || acceptEncoding === undefined) return sent
  const { headers, bytes } = sent
  const accepted = String(acceptEncoding).split(',')
  const isAccepted = accepted.some((one) => /^\s*gzip\s*(?:;\s*q=(?!0(?:\.0*)?\s*$)[\d.]+\s*)?$/i.test(one))
  const contentType = (headers['content-type'] ?? '').split(';')[0]!.trim().toLowerCase()
  const isText = contentTypes.has(contentType) && headers['content-encoding'] === undefined
  if (!isAccepted || !isText || Number(headers['content-length'] ?? 0) < leastBytes) return sent
  const { 'content-length': _, 'accept-ranges': __, ...rest } = headers
  const compressed = pipeline(
    Readable.from(Buffer.isBuffer(bytes) ? [bytes] : bytes),
    createGzip({ level: 1 }),
    () => {},
  )
  const vary = [rest['vary'], 'Accept-Encoding'].filter(Boolean).join(', ')
  return { headers: { ...rest, 'content-encoding': 'gzip', vary }, bytes: compressed }
}
