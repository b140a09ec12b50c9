/** Makes an object of what another host answered. */
import { ApiError } from '@pileus/kernel/errors'
import { type ByteStore, NoSpaceError } from '@pileus/kernel/fabric/bytes'
import { OutboundError, type OutboundStream } from '@pileus/kernel/outbound-http'
import type { Bucket } from './domain/bucket.ts'
import type { ObjectFacts } from './object-facts.ts'
import type { ObjectKeys } from './object-keys.ts'
import type { OssContext } from './operation.ts'
import { storeSource } from './stored-bytes.ts'
import type { Queryable } from './tables/buckets.ts'
import { inTransaction } from './transaction.ts'
import { writeObject } from './write-object.ts'

/** Something about the source or the target that the customer is told; `again` when it may pass. */
export class FetchFailure extends Error {
  readonly again: boolean
  constructor(message: string, again = false) {
    super(message)
    this.again = again
  }
}

export interface StoredFetch {
  etag: string
  bytes: number
  contentType: string
  crc64: string
  /** Base64. */
  contentMd5: string
}

interface Wanted {
  bucket: Bucket
  key: string
  /** Its encryption is the platform's to open; the source's type counts before its own. */
  facts: ObjectFacts
  /** Base64; what else arrives is not stored. */
  contentMd5: string | undefined
  forbidOverwrite: boolean
  signal: AbortSignal
  /** More to write in the object's transaction; throws to have neither. */
  also?(db: Queryable, stored: StoredFetch): Promise<void>
}

/** @throws FetchFailure, OutboundError, ApiError; nothing is stored then */
export async function storeFetched(
  {
    store,
    clock,
    bytes,
    objectKeys,
  }: Pick<OssContext, 'store' | 'clock'> & { bytes: ByteStore; objectKeys: ObjectKeys },
  source: OutboundStream,
  { bucket, key, facts, contentMd5: wantedMd5, forbidOverwrite, signal, also }: Wanted,
): Promise<StoredFetch> {
  const { encryption } = facts.meta
  const keyed = encryption && { encryption, dataKey: await objectKeys.open(bucket.bucketId, key, encryption) }
  const length = source.headers['content-length']
  const expectedBytes = length === undefined ? undefined : Number(length)
  const arrived = await storeSource({ bytes }, source.body, keyed, { expectedBytes, signal })
  const { location, md5Hex, crc64, bytes: size } = arrived
  try {
    const contentMd5 = Buffer.from(md5Hex, 'hex').toString('base64')
    if (wantedMd5 !== undefined && wantedMd5 !== contentMd5) {
      throw new FetchFailure(`The MD5 of what was fetched is ${contentMd5}, and Content-MD5 says ${wantedMd5}.`)
    }
    const contentType = source.headers['content-type'] ?? facts.contentType
    const etag = md5Hex.toUpperCase()
    const object = { ...facts, contentType, location, bytes: size, etag, crc64, key, type: 'Normal' } as const
    const stored = { etag, bytes: size, contentType, crc64, contentMd5 }
    await inTransaction(store, async (db) => {
      await writeObject({ store, bucket, clock }, db, { ...object, segmentSet: undefined }, { forbidOverwrite })
      await also?.(db, stored)
    })
    return stored
  } catch (error) {
    await bytes.release([location])
    throw error
  }
}

/** What went wrong, in words for the customer. */
export function fetchFailureOf(error: unknown): FetchFailure {
  if (error instanceof FetchFailure) return error
  if (error instanceof OutboundError) return new FetchFailure(error.message, mayPass(error))
  if (error instanceof ApiError) return new FetchFailure(error.message, error.httpStatus >= 500)
  if (error instanceof NoSpaceError) return new FetchFailure('No space is left for objects.', true)
  const reason = error instanceof Error ? error.name : 'unknown'
  return new FetchFailure(`What was fetched could not be stored (${reason}).`, true)
}

/** Names that are not known stay so; hosts that do not answer may come back. */
function mayPass({ reason, cause }: OutboundError): boolean {
  const isName = cause instanceof Error && 'syscall' in cause && cause.syscall === 'getaddrinfo'
  return reason === 'timeout' || (reason === 'unreachable' && !isName)
}

/** Ends an answer that is not wanted. */
export async function discardBody({ body }: OutboundStream): Promise<void> {
  await body[Symbol.asyncIterator]().return?.()
}
