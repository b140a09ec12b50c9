import { createHash, randomBytes } from 'node:crypto'
import { type ByteRange, CorruptBytesError, SizeMismatchError } from '@pileus/kernel/fabric/bytes'
import { describe, expect, test } from 'vitest'
import type { ChunkCipher } from './sealed-chunks.ts'
import { chunkBytes, openStream, type StreamKey, sealStream } from './sealed-stream.ts'

const aes: StreamKey = { dataKey: createHash('sha256').update('data key').digest(), cipher: 'AES256' }

async function joined(source: AsyncIterable<Buffer>): Promise<Buffer> {
  const pieces: Buffer[] = []
  for await (const piece of source) pieces.push(piece)
  return Buffer.concat(pieces)
}

async function seal(key: StreamKey, plaintext: Buffer, pieceBytes = 10_000): Promise<Buffer> {
  const pieces: Buffer[] = []
  for (let at = 0; at < plaintext.length; at += pieceBytes) pieces.push(plaintext.subarray(at, at + pieceBytes))
  return await joined((await sealStream(key, pieces, plaintext.length)).sealed)
}

function open(key: StreamKey, sealed: Buffer, bytes: number, range: ByteRange): Promise<Buffer> {
  const read = async function* ({ offset, length }: ByteRange) {
    if (offset + length > sealed.length) throw new RangeError('past the end')
    // In odd pieces, as a store may give them.
    for (let at = offset; at < offset + length; at += 7_001) {
      yield sealed.subarray(at, Math.min(at + 7_001, offset + length))
    }
  }
  return joined(openStream(key, { location: 'test', bytes, read }, range))
}

describe.each(['AES256', 'SM4'] as const)('bytes at rest with %s', (cipher: ChunkCipher) => {
  const key = { ...aes, cipher }

  test.each([1, chunkBytes - 1, chunkBytes, chunkBytes + 1, 3 * chunkBytes, 200_001])('%i bytes', async (bytes) => {
    const plaintext = randomBytes(bytes)
    const sealed = await seal(key, plaintext)
    expect(sealed).toHaveLength(32 + bytes + 16 * Math.ceil(bytes / chunkBytes))
    expect(sealed.includes(plaintext.subarray(0, 16))).toBe(bytes < 16 && sealed.includes(plaintext))
    const cuts = [0, 1, bytes >> 1, chunkBytes - 1, chunkBytes, chunkBytes + 5, bytes - 1].filter((at) => at < bytes)
    for (const offset of cuts) {
      for (const end of [...cuts.map((cut) => cut + 1), bytes].filter((cut) => cut > offset)) {
        const range = { offset, length: end - offset }
        expect((await open(key, sealed, bytes, range)).equals(plaintext.subarray(offset, end))).toBe(true)
      }
    }
  })

  test('cannot be read with the other cipher', async () => {
    const sealed = await seal(key, randomBytes(100))
    const other = { ...key, cipher: cipher === 'SM4' ? ('AES256' as const) : ('SM4' as const) }
    await expect(open(other, sealed, 100, { offset: 0, length: 100 })).rejects.toThrow(CorruptBytesError)
  })

  test('say the digests of the plaintext', async () => {
    const source = await sealStream(aes, [Buffer.from('123'), Buffer.from('456789')], undefined)
    await joined(source.sealed)
    // The check value of CRC-64/XZ.
    const md5Hex = createHash('md5').update('123456789').digest('hex')
    expect(source.digest()).toEqual({ bytes: 9, md5Hex, crc64: BigInt('0x995dc9bbdf1939fa').toString() })
  })

  test('that were altered, moved, repeated or cut off are told', async () => {
    const bytes = 2 * chunkBytes + 100
    const sealed = await seal(key, randomBytes(bytes))
    const all = { offset: 0, length: bytes }
    for (let at = 0; at < sealed.length; at += 4_999) {
      const altered = Buffer.from(sealed)
      altered[at]! ^= 0x10
      await expect(open(key, altered, bytes, all)).rejects.toThrow(CorruptBytesError)
    }
    const [salt, one, two, rest] = [0, 32, 32 + chunkBytes + 16, 32 + 2 * (chunkBytes + 16)]
    const [a, b, c] = [sealed.subarray(one, two), sealed.subarray(two, rest), sealed.subarray(rest)]
    const head = sealed.subarray(salt, one)
    await expect(open(key, Buffer.concat([head, b, a, c]), bytes, all)).rejects.toThrow(CorruptBytesError)
    await expect(open(key, Buffer.concat([head, a, a, c]), bytes, all)).rejects.toThrow(CorruptBytesError)
    const cut = 2 * chunkBytes
    const short = Buffer.concat([head, a, b])
    await expect(open(key, short, cut, { offset: 0, length: cut })).rejects.toThrow(CorruptBytesError)
  })

  test('of a source that gives more or fewer than promised are refused', async () => {
    const source = [Buffer.alloc(10)]
    await expect(joined((await sealStream(aes, source, 9)).sealed)).rejects.toThrow(SizeMismatchError)
    await expect(joined((await sealStream(aes, source, 11)).sealed)).rejects.toThrow(SizeMismatchError)
  })
})
