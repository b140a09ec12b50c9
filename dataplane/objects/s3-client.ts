/**
 * The least of an S3 client: signed requests with path-style addresses over kept-alive connections, repeated when the
 * store is busy or the connection breaks. Bodies are protected by Content-MD5, so their hash is not signed.
 */
import { createHash, createHmac } from 'node:crypto'
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import { setTimeout as sleep } from 'node:timers/promises'

export interface S3Place {
  /** Such as `http://10.0.0.5:7480`; with a path when the store is below one. */
  endpoint: string
  bucket: string
  /** What signatures name; stores of one's own mostly take any. */
  region: string
  accessKeyId: string
  accessKeySecret: string
}

export interface S3Call {
  method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE'
  /** Of letters, digits, `/`, `.`, `-` and `_`; empty for the bucket. */
  key: string
  query?: Readonly<Record<string, string>>
  headers?: Readonly<Record<string, string>>
  body?: readonly Uint8Array[]
}

export interface S3Answer {
  status: number
  headers: IncomingMessage['headers']
  body: Buffer
}

/** An answer that says no. `code` is Node's for what a disk would say too. */
export class S3Error extends Error {
  readonly status: number
  /** The store's word for it. */
  readonly s3Code: string
  readonly code: string | undefined
  constructor(call: S3Call, status: number, text: string) {
    const s3Code = /<Code>([^<]*)<\/Code>/.exec(text)?.[1] ?? ''
    super(`${call.method} ${call.key}: the object store answers ${status} ${s3Code}`)
    this.name = 'S3Error'
    this.status = status
    this.s3Code = s3Code
    this.code = status === 404 ? 'ENOENT' : status === 507 || fullCodes.has(s3Code) ? 'ENOSPC' : undefined
  }
}

const fullCodes = new Set(['QuotaExceeded', 'XMinioStorageFull', 'InsufficientStorage', 'NotEnoughSpace'])
const maxTries = 5
const answerTimeoutMs = 60_000

export class S3Client {
  readonly #place: S3Place
  readonly #base: URL
  readonly #agent: HttpAgent

  constructor(place: S3Place) {
    this.#place = place
    this.#base = new URL(place.endpoint)
    const options = { keepAlive: true, maxSockets: 64 }
    this.#agent = this.#base.protocol === 'https:' ? new HttpsAgent(options) : new HttpAgent(options)
  }

  /** The whole answer. Every call here may be repeated. @throws S3Error */
  async call(call: S3Call): Promise<S3Answer> {
    return await this.#repeating(async () => {
      const incoming = await this.#send(call)
      const chunks: Buffer[] = []
      for await (const chunk of incoming as AsyncIterable<Buffer>) chunks.push(chunk)
      const body = Buffer.concat(chunks)
      const { statusCode: status = 0, headers } = incoming
      if (status > 299) throw new S3Error(call, status, body.toString('utf8'))
      return { status, headers, body }
    })
  }

  /** An answer whose body is read by the caller, who destroys it to stop. @throws S3Error */
  async open(call: S3Call): Promise<IncomingMessage> {
    return await this.#repeating(async () => {
      const incoming = await this.#send(call)
      const { statusCode: status = 0 } = incoming
      if (status <= 299) return incoming
      const chunks: Buffer[] = []
      for await (const chunk of incoming as AsyncIterable<Buffer>) chunks.push(chunk)
      throw new S3Error(call, status, Buffer.concat(chunks).toString('utf8'))
    })
  }

  close(): void {
    this.#agent.destroy()
  }

  async #repeating<T>(work: () => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await work()
      } catch (error) {
        const isRefusal =
          error instanceof S3Error && (error.status < 500 || error.code === 'ENOSPC') && error.status !== 429
        if (isRefusal || tries === maxTries) throw error
        await sleep(50 * 3 ** (tries - 1))
      }
    }
  }

  #send(call: S3Call): Promise<IncomingMessage> {
    const { bucket } = this.#place
    const base = this.#base.pathname.replace(/\/$/, '')
    const path = `${base}/${bucket}${call.key === '' ? '' : `/${call.key}`}`
    const query = Object.entries(call.query ?? {})
      .map(([name, value]) => `${percent(name)}=${percent(value)}`)
      .sort()
      .join('&')
    const body = call.body ?? []
    const bytes = body.reduce((sum, piece) => sum + piece.length, 0)
    const headers: Record<string, string> = {
      ...call.headers,
      ...(body.length > 0 ? { 'content-md5': md5Of(body) } : {}),
      ...(call.method === 'PUT' || call.method === 'POST' ? { 'content-length': String(bytes) } : {}),
    }
    this.#sign(call.method, path, query, headers)
    return new Promise((resolve, reject) => {
      const send = this.#base.protocol === 'https:' ? httpsRequest : httpRequest
      const outgoing = send(
        {
          host: this.#base.hostname,
          port: this.#base.port,
          method: call.method,
          path: query === '' ? path : `${path}?${query}`,
          headers,
          agent: this.#agent,
          timeout: answerTimeoutMs,
        },
        resolve,
      )
      outgoing.once('timeout', () => outgoing.destroy(new Error('the object store does not answer')))
      outgoing.once('error', reject)
      for (const piece of body) outgoing.write(piece)
      outgoing.end()
    })
  }

  /** Adds the headers of a version 4 signature. */
  #sign(method: string, path: string, query: string, headers: Record<string, string>): void {
    const { region, accessKeyId, accessKeySecret } = this.#place
    const date = new Date().toISOString().replace(/[-:]|\.\d+/g, '')
    const scope = `${date.slice(0, 8)}/${region}/s3/aws4_request`
    headers['host'] = this.#base.host
    headers['x-amz-date'] = date
    headers['x-amz-content-sha256'] = 'UNSIGNED-PAYLOAD'
    const names = Object.keys(headers).sort()
    const lines = names.map((name) => `${name}:${headers[name]}\n`).join('')
    const signed = names.join(';')
    const canonical = `${method}\n${path}\n${query}\n${lines}\n${signed}\nUNSIGNED-PAYLOAD`
    let key: Buffer = Buffer.from(`AWS4${accessKeySecret}`)
    for (const part of scope.split('/')) key = createHmac('sha256', key).update(part).digest()
    const text = `AWS4-HMAC-SHA256\n${date}\n${scope}\n${createHash('sha256').update(canonical).digest('hex')}`
    const signature = createHmac('sha256', key).update(text).digest('hex')
    headers['authorization'] =
      `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${scope}, SignedHeaders=${signed}, Signature=${signature}`
  }
}

function md5Of(pieces: readonly Uint8Array[]): string {
  const hash = createHash('md5')
  for (const piece of pieces) hash.update(piece)
  return hash.digest('base64')
}

function percent(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
}

/** Texts of all elements with this name, with the entities of XML replaced. */
export function textsOf(xml: string, name: string): string[] {
  const found = xml.matchAll(new RegExp(`<${name}>([^<]*)</${name}>`, 'g'))
  return [...found].map(([, text = '']) =>
    text.replace(/&(quot|apos|lt|gt|amp|#34|#39);/g, (_, name) => entities[name] ?? ''),
  )
}

const entities: Readonly<Record<string, string>> = {
  quot: '"',
  apos: "'",
  lt: '<',
  gt: '>',
  amp: '&',
  '#34': '"',
  '#39': "'",
}
