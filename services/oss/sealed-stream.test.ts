import { createHash, randomBytes } from 'node:crypto'
import { type ByteRange, CorruptBytesError, SizeMismatchError } from '@pileus/kernel/fabric/bytes'
import { describe, expect, test } from 'vitest'
import { chunkBytes, openStream, sealStream } from './sealed-stream.ts'

const dataKey = createHash('sha256').update('data key').digest()

async function joined(source: AsyncIterable<Buffer>): Promise<Buffer> {
  const pieces: Buffer[] = []
  for await (const piece of source) pieces.push(piece)
  return Buffer.concat(pieces)
}

async function seal(plaintext: Buffer, pieceBytes = 10_000): Promise<Buffer> {
  const pieces: Buffer[] = []
  for (let at = 0; at < plaintext.length; at += pieceBytes) pieces.push(plaintext.subarray(at, at + pieceBytes))
  return await joined((await sealStream(dataKey, pieces, plaintext.length)).sealed)
}

function open(sealed: Buffer, bytes: number, range: ByteRange): Promise<Buffer> {
  const read = async function* ({ offset, length }: ByteRange) {
    if (offset + length > sealed.length) throw new RangeError('past the end')
    // In odd pieces, as a store may give them.
    for (let at = offset; at < offset + length; at += 7_001) {
      yield sealed.subarray(at, Math.min(at + 7_001, offset + length))
    }
  }
  return joined(openStream(dataKey, { location: 'test', bytes, read }, range))
}

describe('bytes at rest', () => {
  test.each([1, chunkBytes - 1, chunkBytes, chunkBytes + 1, 3 * chunkBytes, 200_001])('%i bytes', async (bytes) => {
    const plaintext = randomBytes(bytes)
    const sealed = await seal(plaintext)
    expect(sealed).toHaveLength(32 + bytes + 16 * Math.ceil(bytes / chunkBytes))
    expect(sealed.includes(plaintext.subarray(0, 16))).toBe(bytes < 16 && sealed.includes(plaintext))
    const cuts = [0, 1, bytes >> 1, chunkBytes - 1, chunkBytes, chunkBytes + 5, bytes - 1].filter((at) => at < bytes)
    for (const offset of cuts) {
      for (const end of [...cuts.map((cut) => cut + 1), bytes].filter((cut) => cut > offset)) {
        const range = { offset, length: end - offset }
        expect((await open(sealed, bytes, range)).equals(plaintext.subarray(offset, end))).toBe(true)
      }
    }
  })

  test('say the digests of the plaintext', async () => {
    const source = await sealStream(dataKey, [Buffer.from('123'), Buffer.from('456789')], undefined)
    await joined(source.sealed)
    // The check value of CRC-64/XZ.
    const md5Hex = createHash('md5').update('123456789').digest('hex')
    expect(source.digest()).toEqual({ bytes: 9, md5Hex, crc64: BigInt('0x995dc9bbdf1939fa').toString() })
  })

  test('that were altered, moved, repeated or cut off are told', async () => {
    const bytes = 2 * chunkBytes + 100
    const sealed = await seal(randomBytes(bytes))
    const all = { offset: 0, length: bytes }
    for (let at = 0; at < sealed.length; at += 4_999) {
      const altered = Buffer.from(sealed)
      altered[at]! ^= 0x10
      await expect(open(altered, bytes, all)).rejects.toThrow(CorruptBytesError)
    }
    const [salt, one, two, rest] = [0, 32, 32 + chunkBytes + 16, 32 + 2 * (chunkBytes + 16)]
    const [a, b, c] = [sealed.subarray(one, two), sealed.subarray(two, rest), sealed.subarray(rest)]
    const head = sealed.subarray(salt, one)
    await expect(open(Buffer.concat([head, b, a, c]), bytes, all)).rejects.toThrow(CorruptBytesError)
    await expect(open(Buffer.concat([head, a, a, c]), bytes, all)).rejects.toThrow(CorruptBytesError)
    const cut = 2 * chunkBytes
    const short = Buffer.concat([head, a, b])
    await expect(open(short, cut, { offset: 0, length: cut })).rejects.toThrow(CorruptBytesError)
  })

  test('of a source that gives more or fewer than promised are refused', async () => {
    const source = [Buffer.alloc(10)]
    await expect(joined((await sealStream(dataKey, source, 9)).sealed)).rejects.toThrow(SizeMismatchError)
    await expect(joined((await sealStream(dataKey, source, 11)).sealed)).rejects.toThrow(SizeMismatchError)
  })
})
