/**
 * The body as the object's bytes. Most clients send them bare. S3 clients may frame them in chunks, each with a
 * signature that continues the request's, or with none, and with checksums behind them as trailers.
 */

import { createHash, createHmac, type Hash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { say, type Text } from '@pileus/kernel/messages/text'
import { objectError } from '@pileus/kernel/object-protocol'
import { awaitsContinue, sendContinue } from '../expect-continue.ts'
import { isSameSignature } from '../signatures/signed-request.ts'
import { checkSums, readExpectedChecksums } from './checksums.ts'
import { ossErrors } from './errors.ts'
import type { ObjectExchange } from './exchange.ts'
import { headerOf, type SignatureMatch } from './signatures/signable.ts'

export interface Body {
  contentBytes: number | undefined
  source: AsyncIterable<Uint8Array>
}

const emptyHash = createHash('sha256').update('').digest('hex')
const maxChunkHeaderBytes = 1024
const maxTrailers = 20
/** Bodies up to this size come as one buffer. */
const maxSmallBytes = 64 * 1024

/** @throws InvalidArgument when the headers declare a checksum that is not known here */
export function openBody(exchange: ObjectExchange): Body {
  const trailers = new Map<string, string>()
  const plain = openPlain(exchange, trailers)
  const { incoming } = exchange
  const body = awaitsContinue(incoming) ? { ...plain, source: afterContinue(incoming, plain.source) } : plain
  const expected = readExpectedChecksums(exchange)
  return expected.length === 0 ? body : { ...body, source: checkSums(body.source, expected, trailers) }
}

async function* afterContinue(
  incoming: IncomingMessage,
  source: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  sendContinue(incoming)
  yield* source
}

/** `trailers` has been filled when the body ends. */
function openPlain({ incoming, dialect, match, signature, form }: ObjectExchange, trailers: Map<string, string>): Body {
  if (form) return { contentBytes: undefined, source: form.file }
  const contentBytes = wholeNumber(incoming.headers['content-length'])
  const payload = dialect === 's3' ? headerOf(incoming.headers, 'x-amz-content-sha256') : undefined
  if (payload?.startsWith('STREAMING-')) {
    const seed = payload.startsWith('STREAMING-AWS4-HMAC-SHA256') ? match?.seed : undefined
    return {
      contentBytes: wholeNumber(headerOf(incoming.headers, 'x-amz-decoded-content-length')),
      source: unframe(incoming, seed, trailers),
    }
  }
  const isSmall = contentBytes !== undefined && contentBytes > 0 && contentBytes <= maxSmallBytes
  const source = isSmall ? inOnePiece(incoming, contentBytes) : incoming
  const isHashed = payload !== undefined && /^[0-9a-f]{64}$/.test(payload) && signature?.where === 'header'
  return {
    contentBytes: contentBytes ?? (incoming.headers['transfer-encoding'] === undefined ? 0 : undefined),
    source: isHashed ? checkHash(source, payload) : source,
  }
}

/** A small body as one buffer. Iterating a stream costs several times what its bytes do. */
function inOnePiece(incoming: IncomingMessage, bytes: number): AsyncIterable<Uint8Array> {
  return {
    [Symbol.asyncIterator]() {
      let isRead = false
      return {
        async next() {
          if (isRead) return { done: true, value: undefined }
          isRead = true
          return { done: false, value: await readSmall(incoming, bytes) }
        },
      }
    },
  }
}

function readSmall(incoming: IncomingMessage, bytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    if (incoming.destroyed) return reject(new Error('the client went away'))
    const chunks: Buffer[] = []
    let size = 0
    const finish = (settle: () => void): void => {
      incoming.off('data', onData).off('end', onEnd).off('error', onError).off('close', onClose)
      settle()
    }
    const onData = (chunk: Buffer): void => {
      chunks.push(chunk)
      size += chunk.length
      // The parser gives no more than was announced; its end comes a turn later.
      if (size >= bytes) onEnd()
    }
    const onEnd = (): void => finish(() => resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)))
    const onError = (error: Error): void => finish(() => reject(error))
    const onClose = (): void => onError(new Error('the client went away'))
    incoming.on('data', onData).on('end', onEnd).on('error', onError).on('close', onClose)
  })
}

function wholeNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined
}

/** Fails at the end of a body that is not the one that was signed. */
async function* checkHash(source: AsyncIterable<Uint8Array>, expected: string): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256')
  for await (const chunk of source) {
    hash.update(chunk)
    yield chunk
  }
  if (hash.digest('hex') !== expected) throw objectError(ossErrors.XAmzContentSHA256Mismatch)
}

/** Reads `<hex size>[;chunk-signature=<hex>]\r\n<bytes>\r\n` until the chunk of size 0 and its trailers. */
async function* unframe(
  source: AsyncIterable<Uint8Array>,
  seed: SignatureMatch['seed'],
  trailers: Map<string, string>,
): AsyncGenerator<Uint8Array> {
  const reader = new FrameReader(source)
  let previous = seed?.signature ?? ''
  for (;;) {
    const header = await reader.readLine()
    const parts = /^([0-9a-fA-F]{1,12})(?:;chunk-signature=([0-9a-f]{64}))?$/.exec(header)
    if (!parts) throw malformed(say`a chunk header is not well formed.`)
    const size = Number.parseInt(parts[1]!, 16)
    const hash = createHash('sha256')
    yield* reader.readBytes(size, hash)
    if (seed) {
      previous = checkChunk(seed, previous, parts[2] ?? '', size === 0 ? emptyHash : hash.digest('hex'))
    }
    if (size === 0) break
    if ((await reader.readLine()) !== '') throw malformed(say`a chunk is longer than its header says.`)
  }
  for (let line = await reader.readLine(true); line !== ''; line = await reader.readLine(true)) {
    const colon = line.indexOf(':')
    if (colon < 1 || trailers.size === maxTrailers) throw malformed(say`its trailers are not well formed.`)
    trailers.set(line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim())
  }
  if (seed) checkTrailers(seed, previous, trailers)
}

/** Trailers are signed, where there are any. */
function checkTrailers(
  seed: NonNullable<SignatureMatch['seed']>,
  previous: string,
  trailers: ReadonlyMap<string, string>,
): void {
  const given = trailers.get('x-amz-trailer-signature')
  if (given === undefined && trailers.size === 0) return
  const lines = [...trailers].filter(([name]) => name !== 'x-amz-trailer-signature')
  const hash = createHash('sha256').update(lines.map(([name, value]) => `${name}:${value}\n`).join(''))
  const text = ['AWS4-HMAC-SHA256-TRAILER', seed.timestamp, seed.scope, previous, hash.digest('hex')].join('\n')
  const expected = createHmac('sha256', seed.signingKey).update(text).digest('hex')
  if (given === undefined || !isSameSignature(given, expected)) throw objectError(ossErrors.SignatureDoesNotMatch)
}

function checkChunk(seed: NonNullable<SignatureMatch['seed']>, previous: string, given: string, hash: string): string {
  const text = ['AWS4-HMAC-SHA256-PAYLOAD', seed.timestamp, seed.scope, previous, emptyHash, hash].join('\n')
  const expected = createHmac('sha256', seed.signingKey).update(text).digest('hex')
  if (!isSameSignature(given, expected)) throw objectError(ossErrors.SignatureDoesNotMatch)
  return expected
}

class FrameReader {
  readonly #chunks: AsyncIterator<Uint8Array>
  #buffer: Buffer = Buffer.alloc(0)
  constructor(source: AsyncIterable<Uint8Array>) {
    this.#chunks = source[Symbol.asyncIterator]()
  }

  /** Up to the next CRLF. At the end of the body, fails unless `mayEnd`, and then gives an empty line. */
  async readLine(mayEnd = false): Promise<string> {
    for (;;) {
      const end = this.#buffer.indexOf('\r\n')
      if (end !== -1) {
        const line = this.#buffer.toString('latin1', 0, end)
        this.#buffer = this.#buffer.subarray(end + 2)
        return line
      }
      if (this.#buffer.length > maxChunkHeaderBytes) throw malformed(say`a chunk header is too long.`)
      if (!(await this.#more())) {
        if (mayEnd && this.#buffer.length === 0) return ''
        throw objectError(ossErrors.IncompleteBody)
      }
    }
  }

  async *readBytes(size: number, hash: Hash): AsyncGenerator<Uint8Array> {
    let left = size
    while (left > 0) {
      if (this.#buffer.length === 0 && !(await this.#more())) throw objectError(ossErrors.IncompleteBody)
      const part = this.#buffer.subarray(0, left)
      this.#buffer = this.#buffer.subarray(part.length)
      left -= part.length
      hash.update(part)
      yield part
    }
  }

  async #more(): Promise<boolean> {
    const next = await this.#chunks.next()
    if (next.done) return false
    const chunk = Buffer.from(next.value.buffer, next.value.byteOffset, next.value.byteLength)
    this.#buffer = this.#buffer.length === 0 ? chunk : Buffer.concat([this.#buffer, chunk])
    return true
  }
}

function malformed(reason: Text) {
  return objectError(ossErrors.InvalidArgument, { facts: { reason: say`The framed body is not valid: ${reason}` } })
}
