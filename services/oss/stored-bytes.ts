/** Between objects and the byte store: writing a body, and reading an object's bytes whatever they consist of. */
import {
  type ByteStore,
  MissingBytesError,
  NoSpaceError,
  SizeMismatchError,
  type StoredBytes,
} from '@pileus/kernel/fabric/bytes'
import { type ObjectRequest, objectError } from '@pileus/kernel/object-protocol'
import { readEncryption } from './domain/encryption.ts'
import { header } from './domain/headers.ts'
import type { ResolvedRange } from './domain/range.ts'
import type { ObjectEncryption, StoredObject } from './domain/stored-object.ts'
import { errors } from './errors.ts'
import type { ObjectKeys } from './object-keys.ts'
import type { KeyContext, OssContext } from './operation.ts'
import { cipherOf } from './sealed-chunks.ts'
import { openStream, type StreamKey, sealStream } from './sealed-stream.ts'
import { findVersion, listSegments } from './tables/objects.ts'

/** Largest object of one request, in bytes. */
export const maxPutBytes = 5 * 1024 * 1024 * 1024

/** Up to this size an object is read whole before its answer begins, which is quicker. */
const wholeBelowBytes = 256 * 1024

/**
 * Stores the body and checks its size and Content-MD5. It is encrypted as the request, else the bucket asks; pieces of
 * an object that is there already say `encryption`, null for none.
 * @throws MissingContentLength, EntityTooLarge, IncompleteBody, InvalidDigest (S3: BadDigest), InsufficientStorage
 */
export async function storeBody(
  context: WriteContext,
  request: ObjectRequest,
  encryption?: ObjectEncryption | null,
): Promise<StoredPlaintext> {
  const { bytes } = context
  const expected = request.contentBytes
  if (expected !== undefined && expected > maxPutBytes) throw tooLarge()
  const md5 = readContentMd5(request)
  const keyed = await dataKeyFor(context, request, encryption)
  let stored: StoredPlaintext
  try {
    const body = expected === undefined ? bounded(request.body) : request.body
    stored = await storeSource(context, body, keyed, { expectedBytes: expected, signal: request.abortSignal() })
  } catch (error) {
    if (error instanceof NoSpaceError) throw objectError(errors.InsufficientStorage, { cause: error })
    if (error instanceof SizeMismatchError) {
      throw objectError(errors.IncompleteBody, { facts: { expected: error.expectedBytes, actual: error.actualBytes } })
    }
    throw error
  }
  if (md5 !== undefined && md5 !== stored.md5Hex) {
    await bytes.release([stored.location])
    throw objectError(request.dialect === 's3' ? errors.BadDigest : errors.InvalidDigest, {
      details: { ExpectedDigest: md5.toUpperCase(), CalculatedDigest: stored.md5Hex.toUpperCase() },
    })
  }
  const crc64 = header(request.headers, 'x-oss-hash-crc64ecma')
  if (crc64 !== undefined && crc64 !== stored.crc64) {
    await bytes.release([stored.location])
    throw objectError(errors.InvalidDigest, {
      details: { ExpectedCrc64: crc64.slice(0, 32), CalculatedCrc64: stored.crc64 },
    })
  }
  return stored
}

export type WriteContext = Pick<KeyContext, 'bytes' | 'bucket' | 'key' | 'objectKeys'>

/** Size and digests are those of the plaintext. */
export type StoredPlaintext = StoredBytes & { encryption?: ObjectEncryption | undefined }

/** A data key and what is kept of it; `storeSource` fills the key with zeros. */
export interface Keyed {
  dataKey: Buffer
  encryption: ObjectEncryption
}

function streamKeyOf({ dataKey, encryption }: Keyed): StreamKey {
  return { dataKey, cipher: cipherOf(encryption) }
}

/** The key that a new object, or the next piece of one, is encrypted with. */
export async function dataKeyFor(
  { bucket, key, objectKeys }: WriteContext,
  { headers }: Pick<ObjectRequest, 'headers'>,
  encryption?: ObjectEncryption | null,
): Promise<Keyed | undefined> {
  if (encryption === null) return undefined
  if (encryption) return { dataKey: await objectKeys.open(bucket.bucketId, key, encryption), encryption }
  const wish = readEncryption(headers, bucket.settings)
  return wish && (await objectKeys.create(bucket, key, wish))
}

/** Stores bytes from anywhere, encrypted where there is a key. */
export async function storeSource(
  { bytes }: Pick<OssContext, 'bytes'>,
  source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  keyed: Keyed | undefined,
  { expectedBytes, signal }: { expectedBytes?: number | undefined; signal?: AbortSignal | undefined } = {},
): Promise<StoredPlaintext> {
  const signalled = signal ? { signal } : {}
  if (!keyed)
    return await bytes.put(source, { ...signalled, ...(expectedBytes === undefined ? {} : { expectedBytes }) })
  try {
    const { sealed, digest } = await sealStream(streamKeyOf(keyed), source, expectedBytes)
    const { location } = await bytes.put(sealed, signalled)
    return { location, ...digest(), encryption: keyed.encryption }
  } finally {
    keyed.dataKey.fill(0)
  }
}

/** The facts of an object whose bytes were stored so. */
export function withEncryption<Facts extends { meta: StoredObject['meta'] }>(
  facts: Facts,
  { encryption }: Pick<StoredPlaintext, 'encryption'>,
): Facts {
  return encryption ? { ...facts, meta: { ...facts.meta, encryption } } : facts
}

async function* bounded(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let size = 0
  for await (const chunk of source) {
    size += chunk.length
    if (size > maxPutBytes) throw tooLarge()
    yield chunk
  }
}

function tooLarge() {
  return objectError(errors.EntityTooLarge, {
    facts: { limit: maxPutBytes },
    details: { MaxSizeAllowed: String(maxPutBytes) },
  })
}

/** Lower-case hex. @throws InvalidDigest */
export function readContentMd5({ headers }: Pick<ObjectRequest, 'headers'>): string | undefined {
  const text = headers['content-md5']
  if (typeof text !== 'string' || text === '') return undefined
  const digest = Buffer.from(text, 'base64')
  if (digest.length !== 16) throw objectError(errors.InvalidDigest)
  return digest.toString('hex')
}

export type ReadContext = Pick<OssContext, 'bytes' | 'store'> & { objectKeys?: ObjectKeys }

/** The bytes of an object, whole in memory when they are few. @throws AccessDenied when its key may not be used */
export async function readObject(
  context: ReadContext,
  bucketId: number,
  object: StoredObject,
  range: ResolvedRange,
): Promise<Buffer | AsyncIterable<Buffer>> {
  if (range.length === 0) return Buffer.alloc(0)
  const { encryption } = object.meta
  if (encryption) {
    if (!context.objectKeys) throw new Error(`version ${object.versionSeq} is encrypted, and no keys are at hand`)
    const dataKey = await context.objectKeys.open(bucketId, object.key, encryption)
    return retrying(context, bucketId, object, range, streamKeyOf({ dataKey, encryption }))
  }
  if (object.segmentSet === undefined && range.length <= wholeBelowBytes) {
    // Stores remember small records that were read whole.
    const part = range.length === object.bytes ? undefined : range
    try {
      return await context.bytes.readWhole(locationOf(object), part)
    } catch (error) {
      if (!(error instanceof MissingBytesError)) throw error
      return await context.bytes.readWhole(locationOf(await readAgain(context, bucketId, object)), part)
    }
  }
  return retrying(context, bucketId, object, range)
}

/** Reads on where it stopped when bytes were moved meanwhile: the rows then say where to. */
async function* retrying(
  context: ReadContext,
  bucketId: number,
  object: StoredObject,
  range: ResolvedRange,
  streamKey?: StreamKey,
): AsyncGenerator<Buffer> {
  let current = object
  let { offset, length } = range
  for (let tries = 0; length > 0; ) {
    try {
      const asked = { offset, length }
      const opened = streamKey ? openSealed(context, current, asked, streamKey) : await open(context, current, asked)
      for await (const chunk of opened) {
        yield chunk
        offset += chunk.length
        length -= chunk.length
        tries = 0
      }
    } catch (error) {
      tries += 1
      if (!(error instanceof MissingBytesError) || tries > 2) throw error
      current = await readAgain(context, bucketId, object)
    }
  }
}

/** Each location is a stream of its own. */
async function* openSealed(
  { bytes, store }: ReadContext,
  object: StoredObject,
  range: ResolvedRange,
  streamKey: StreamKey,
): AsyncGenerator<Buffer> {
  const pieces =
    object.segmentSet === undefined
      ? [{ location: locationOf(object), offset: 0, bytes: object.bytes }]
      : await listSegments(store.pool, object.segmentSet, range)
  if (pieces.length === 0) throw new MissingBytesError(`segments ${object.segmentSet}`)
  const end = range.offset + range.length
  for (const { location, offset, bytes: size } of pieces) {
    const from = Math.max(range.offset, offset)
    const place = { location, bytes: size, read: (part: ResolvedRange) => bytes.read(location, part) }
    yield* openStream(streamKey, place, { offset: from - offset, length: Math.min(end, offset + size) - from })
  }
}

async function open(
  { bytes, store }: Pick<OssContext, 'bytes' | 'store'>,
  object: StoredObject,
  range: ResolvedRange,
): Promise<AsyncIterable<Buffer>> {
  if (object.segmentSet === undefined) return bytes.read(locationOf(object), range)
  const segments = await listSegments(store.pool, object.segmentSet, range)
  const [first] = segments
  if (!first) throw new MissingBytesError(`segments ${object.segmentSet}`)
  return bytes.read(
    segments.map((segment) => segment.location),
    { offset: range.offset - first.offset, length: range.length },
  )
}

async function readAgain(
  { store }: Pick<OssContext, 'store'>,
  bucketId: number,
  object: StoredObject,
): Promise<StoredObject> {
  const fresh = await findVersion(store.pool, bucketId, object.key, object.versionId)
  // Overwritten meanwhile: what was promised is not there any more.
  if (!fresh || fresh.etag !== object.etag || fresh.bytes !== object.bytes) {
    throw new MissingBytesError(object.location ?? `segments ${object.segmentSet}`)
  }
  return fresh
}

function locationOf(object: StoredObject): string {
  if (object.location === undefined) throw new Error(`version ${object.versionSeq} has no bytes`)
  return object.location
}

/** Joins what several puts answered with; for callers that write in pieces. */
export type { ByteStore, StoredBytes }
