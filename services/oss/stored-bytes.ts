/** Between objects and the byte store: writing a body, and reading an object's bytes whatever they consist of. */
import {
  type ByteStore,
  MissingBytesError,
  NoSpaceError,
  SizeMismatchError,
  type StoredBytes,
} from '@pileus/kernel/fabric/bytes'
import { type ObjectRequest, objectError } from '@pileus/kernel/object-protocol'
import { header } from './domain/headers.ts'
import type { ResolvedRange } from './domain/range.ts'
import type { StoredObject } from './domain/stored-object.ts'
import { errors } from './errors.ts'
import type { OssContext } from './operation.ts'
import { findVersion, listSegments } from './tables/objects.ts'

/** Largest object of one request, in bytes. */
export const maxPutBytes = 5 * 1024 * 1024 * 1024

/** Up to this size an object is read whole before its answer begins, which is quicker. */
const wholeBelowBytes = 256 * 1024

/**
 * Stores the body and checks its size and Content-MD5.
 * @throws MissingContentLength, EntityTooLarge, IncompleteBody, InvalidDigest, InsufficientStorage
 */
export async function storeBody({ bytes }: Pick<OssContext, 'bytes'>, request: ObjectRequest): Promise<StoredBytes> {
  const expected = request.contentBytes
  if (expected !== undefined && expected > maxPutBytes) throw tooLarge()
  const md5 = readContentMd5(request)
  let stored: StoredBytes
  try {
    stored = await bytes.put(expected === undefined ? bounded(request.body) : request.body, {
      ...(expected === undefined ? {} : { expectedBytes: expected }),
      signal: request.signal,
    })
  } catch (error) {
    if (error instanceof NoSpaceError) throw objectError(errors.InsufficientStorage, { cause: error })
    if (error instanceof SizeMismatchError) {
      throw objectError(errors.IncompleteBody, { facts: { expected: error.expectedBytes, actual: error.actualBytes } })
    }
    throw error
  }
  if (md5 !== undefined && md5 !== stored.md5Hex) {
    await bytes.release([stored.location])
    throw objectError(errors.InvalidDigest, {
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

/** The bytes of an object, whole in memory when they are few. */
export async function readObject(
  context: Pick<OssContext, 'bytes' | 'store'>,
  bucketId: number,
  object: StoredObject,
  range: ResolvedRange,
): Promise<Buffer | AsyncIterable<Buffer>> {
  if (range.length === 0) return Buffer.alloc(0)
  if (object.segmentSet === undefined && range.length <= wholeBelowBytes) {
    try {
      return await context.bytes.readWhole(locationOf(object), range)
    } catch (error) {
      if (!(error instanceof MissingBytesError)) throw error
      return await context.bytes.readWhole(locationOf(await readAgain(context, bucketId, object)), range)
    }
  }
  return retrying(context, bucketId, object, range)
}

/** Reads on where it stopped when bytes were moved meanwhile: the rows then say where to. */
async function* retrying(
  context: Pick<OssContext, 'bytes' | 'store'>,
  bucketId: number,
  object: StoredObject,
  range: ResolvedRange,
): AsyncGenerator<Buffer> {
  let current = object
  let { offset, length } = range
  for (let tries = 0; length > 0; ) {
    try {
      for await (const chunk of await open(context, current, { offset, length })) {
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
