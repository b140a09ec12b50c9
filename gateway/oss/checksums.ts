/**
 * Checksums of the body that S3 clients send along, in headers or in the trailers of framed bodies:
 * `x-amz-checksum-<algorithm>`, base64 of the digest with its first byte first.
 */
import { createHash } from 'node:crypto'
import { objectError } from '@pileus/kernel/object-protocol'
import { createCRC32, createCRC64 } from 'hash-wasm'
import { ossErrors } from './errors.ts'
import type { ObjectExchange } from './exchange.ts'
import { headerOf } from './signatures/signable.ts'

const prefix = 'x-amz-checksum-'

interface Checksum {
  update(chunk: Uint8Array): unknown
  digestBase64(): string
}

/** Reversed polynomials, as the CRC catalogue has them. */
const makers: Readonly<Record<string, () => Promise<Checksum>>> = {
  crc32: () => wasm(createCRC32()),
  crc32c: () => wasm(createCRC32(0x82f63b78)),
  crc64nvme: () => wasm(createCRC64('9a6c9329ac4bc9b5')),
  sha1: async () => native('sha1'),
  sha256: async () => native('sha256'),
}

async function wasm(made: ReturnType<typeof createCRC32>): Promise<Checksum> {
  const hasher = (await made).init()
  return {
    update: (chunk) => hasher.update(chunk),
    digestBase64: () => Buffer.from(hasher.digest('binary')).toString('base64'),
  }
}

function native(algorithm: 'sha1' | 'sha256'): Checksum {
  const hash = createHash(algorithm)
  return { update: (chunk) => hash.update(chunk), digestBase64: () => hash.digest('base64') }
}

const headerNames: readonly { algorithm: string; name: string }[] = Object.keys(makers).map((algorithm) => ({
  algorithm,
  name: prefix + algorithm,
}))

/** What must hold of the body: the value, or the trailer that will hold it. */
export interface ExpectedChecksum {
  algorithm: string
  value: string | undefined
}

/** @throws InvalidArgument for a trailer that is no checksum known here */
export function readExpectedChecksums({ incoming, dialect, method, query }: ObjectExchange): ExpectedChecksum[] {
  // Completing an upload, the header is about the object and not about the body.
  if (dialect !== 's3' || (method === 'POST' && query.has('uploadId'))) return []
  const { headers } = incoming
  const expected: ExpectedChecksum[] = []
  for (const { algorithm, name } of headerNames) {
    const value = headerOf(headers, name)
    if (value !== undefined) expected.push({ algorithm, value })
  }
  const trailers = headerOf(headers, 'x-amz-trailer')
  if (trailers === undefined) return expected
  for (const name of trailers.split(',')) {
    const trailer = name.trim().toLowerCase()
    const algorithm = trailer.slice(prefix.length)
    if (trailer === '') continue
    if (!trailer.startsWith(prefix) || makers[algorithm] === undefined) {
      const reason = `x-amz-trailer must name ${Object.keys(makers)
        .map((one) => prefix + one)
        .join(', ')}.`
      throw objectError(ossErrors.InvalidArgument, { facts: { reason } })
    }
    expected.push({ algorithm, value: undefined })
  }
  return expected
}

/** Fails at the end of a body that does not have its checksums. `trailers` are complete by then. */
export async function* checkSums(
  source: AsyncIterable<Uint8Array>,
  expected: readonly ExpectedChecksum[],
  trailers: ReadonlyMap<string, string>,
): AsyncGenerator<Uint8Array> {
  const sums = await Promise.all(expected.map(({ algorithm }) => makers[algorithm]!()))
  for await (const chunk of source) {
    for (const sum of sums) sum.update(chunk)
    yield chunk
  }
  for (const [i, { algorithm, value }] of expected.entries()) {
    const wanted = value ?? trailers.get(prefix + algorithm)
    if (wanted === undefined) throw objectError(ossErrors.IncompleteBody)
    if (wanted !== sums[i]!.digestBase64())
      throw objectError(ossErrors.BadDigest, { facts: { name: prefix + algorithm } })
  }
}
