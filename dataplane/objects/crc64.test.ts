import { createHash } from 'node:crypto'
import { createCRC64 } from 'hash-wasm'
import { expect, test } from 'vitest'
import { createCrc64, distances } from './crc64.ts'

/** The same bytes each time, that look like chance. */
function bytesOf(count: number): Buffer {
  return createHash('shake256', { outputLength: count }).update('bytes').digest()
}

test('the distances are those of a multiple of the polynomial', () => {
  const polynomial = 0x42f0e1eba9ea3693n
  // Powers of 1/x.
  let power = 1n
  let sum = 1n
  for (let distance = 1; distance <= distances.at(-1)!; distance += 1) {
    power = power & 1n ? (power >> 1n) ^ (polynomial >> 1n) ^ (1n << 63n) : power >> 1n
    if (distances.includes(distance)) sum ^= power
  }
  expect(sum).toBe(0n)
})

test('checksums are those of the table, whatever the length and the chunks', async () => {
  const content = bytesOf(900_000)
  const table = await createCRC64()
  const crc = await createCrc64()
  const lengths = [
    0, 1, 7, 8, 9, 6_799, 131_072, 131_073, 140_001, 262_143, 262_144, 262_145, 268_944, 524_297, 900_000,
  ]
  for (const length of lengths) {
    const bytes = content.subarray(0, length)
    const expected = BigInt(`0x${table.init().update(bytes).digest('hex')}`).toString()
    for (const chunkBytes of [977, 65_536, 900_000]) {
      crc.init()
      for (let at = 0; at < length; at += chunkBytes) crc.update(bytes.subarray(at, at + chunkBytes))
      expect(crc.digest(), `${length} bytes in chunks of ${chunkBytes}`).toBe(expected)
    }
  }
})

test('the check value of the catalogue of CRCs', async () => {
  const crc = await createCrc64()
  crc.init().update(Buffer.from('123456789'))
  expect(crc.digest()).toBe(String(0x995dc9bbdf1939fan))
})
