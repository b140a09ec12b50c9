/**
 * How bytes look at rest when they are encrypted: 32 random bytes, then the plaintext in chunks of 64 KiB, each
 * encrypted (sealed-chunks.ts) and with a tag of 16 bytes. The key of a stream is HKDF-SHA256 of the data key and those
 * random bytes, so that the parts of an object may share a data key; each chunk is bound to its number and to whether
 * it is the last, so that chunks can be neither moved, repeated nor dropped. Any range is read without what is before
 * it.
 */
import { createHash, randomBytes } from 'node:crypto'
import { type ByteRange, CorruptBytesError, SizeMismatchError } from '@pileus/kernel/fabric/bytes'
import { createCRC64 } from 'hash-wasm'
import { type ChunkCipher, chunkCiphers, tagBytes } from './sealed-chunks.ts'

const saltBytes = 32
export const chunkBytes = 64 * 1024
const sealedChunkBytes = chunkBytes + tagBytes

/** `cipher` is that of the object's encryption. */
export interface StreamKey {
  dataKey: Buffer
  cipher: ChunkCipher
}

export interface SealedSource {
  sealed: AsyncIterable<Buffer>
  /** Of the plaintext; known once `sealed` has ended. */
  digest(): { bytes: number; md5Hex: string; crc64: string }
}

/** @throws SizeMismatchError while iterating, unless the source gives `expectedBytes` */
export async function sealStream(
  { dataKey, cipher }: StreamKey,
  source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  expectedBytes: number | undefined,
): Promise<SealedSource> {
  const { deriveKey, sealChunk } = chunkCiphers[cipher]
  const md5 = createHash('md5')
  const crc = (await createCRC64()).init()
  let bytes = 0
  async function* sealed(): AsyncGenerator<Buffer> {
    const salt = randomBytes(saltBytes)
    const key = deriveKey(dataKey, salt)
    yield salt
    let index = 0
    let waiting: Buffer[] = []
    let waitingBytes = 0
    for await (const piece of source) {
      bytes += piece.length
      if (expectedBytes !== undefined && bytes > expectedBytes) throw new SizeMismatchError(expectedBytes, bytes)
      md5.update(piece)
      crc.update(piece)
      waiting.push(Buffer.from(piece))
      waitingBytes += piece.length
      // One byte more than a chunk tells that it is not the last.
      if (waitingBytes <= chunkBytes) continue
      const joined = Buffer.concat(waiting)
      let at = 0
      for (; joined.length - at > chunkBytes; at += chunkBytes) {
        yield sealChunk(key, index++, false, joined.subarray(at, at + chunkBytes))
      }
      waiting = [joined.subarray(at)]
      waitingBytes = joined.length - at
    }
    if (expectedBytes !== undefined && bytes !== expectedBytes) throw new SizeMismatchError(expectedBytes, bytes)
    if (waitingBytes > 0) yield sealChunk(key, index, true, Buffer.concat(waiting))
    key.fill(0)
  }
  return {
    sealed: sealed(),
    digest: () => ({
      bytes,
      md5Hex: md5.digest('hex'),
      crc64: BigInt(`0x${crc.digest('hex')}`).toString(),
    }),
  }
}

/** Where sealed bytes are read from. */
export interface SealedPlace {
  location: string
  /** Of the plaintext. */
  bytes: number
  read(range: ByteRange): AsyncIterable<Buffer>
}

/** The plaintext of `range`. @throws CorruptBytesError before the first byte that is not what was written */
export async function* openStream(
  { dataKey, cipher }: StreamKey,
  place: SealedPlace,
  range: ByteRange,
): AsyncGenerator<Buffer> {
  if (range.length === 0) return
  const { deriveKey, openChunk } = chunkCiphers[cipher]
  const first = Math.floor(range.offset / chunkBytes)
  const lastOfAll = Math.ceil(place.bytes / chunkBytes) - 1
  const last = Math.floor((range.offset + range.length - 1) / chunkBytes)
  const end = (index: number) => Math.min(place.bytes, (index + 1) * chunkBytes) + (index + 1) * tagBytes
  const from = first * sealedChunkBytes
  // From the start both come in one reading.
  const salt = first === 0 ? undefined : await whole(place.read({ offset: 0, length: saltBytes }))
  const offset = first === 0 ? 0 : saltBytes + from
  const reader = new Reader(place.read({ offset, length: saltBytes + end(last) - offset }))
  const key = deriveKey(dataKey, salt ?? (await reader.take(saltBytes)))
  try {
    for (let index = first; index <= last; index++) {
      const sealed = await reader.take(end(index) - index * sealedChunkBytes)
      const chunk = openChunk(key, index, index === lastOfAll, sealed)
      if (!chunk) throw new CorruptBytesError(place.location, `chunk ${index} is not what was encrypted`)
      const start = index * chunkBytes
      yield chunk.subarray(
        Math.max(0, range.offset - start),
        Math.min(chunk.length, range.offset + range.length - start),
      )
    }
  } finally {
    key.fill(0)
    await reader.close()
  }
}

class Reader {
  readonly #source: AsyncIterator<Buffer>
  #held: Buffer = Buffer.alloc(0)
  constructor(source: AsyncIterable<Buffer>) {
    this.#source = source[Symbol.asyncIterator]()
  }
  /** Exactly so many bytes. */
  async take(count: number): Promise<Buffer> {
    const pieces = [this.#held]
    let bytes = this.#held.length
    while (bytes < count) {
      const { value, done } = await this.#source.next()
      if (done) throw new Error('the byte store gave fewer bytes than were asked for')
      pieces.push(value)
      bytes += value.length
    }
    const joined = pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces)
    this.#held = joined.subarray(count)
    return joined.subarray(0, count)
  }
  async close(): Promise<void> {
    await this.#source.return?.()
  }
}

async function whole(source: AsyncIterable<Buffer>): Promise<Buffer> {
  const pieces: Buffer[] = []
  for await (const piece of source) pieces.push(piece)
  return Buffer.concat(pieces)
}
