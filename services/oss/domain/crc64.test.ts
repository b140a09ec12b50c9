import fc from 'fast-check'
import { expect, test } from 'vitest'
import { joinCrc64 } from './crc64.ts'

/** The checksum by definition, a bit at a time. */
function crc64(bytes: Uint8Array): string {
  let crc = 0xffff_ffff_ffff_ffffn
  for (const byte of bytes) {
    crc ^= BigInt(byte)
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1n ? (crc >> 1n) ^ 0xc96c5795d7870f42n : crc >> 1n
  }
  return (crc ^ 0xffff_ffff_ffff_ffffn).toString()
}

test('the definition used here gives the published check value', () => {
  expect(crc64(Buffer.from('123456789'))).toBe('11051210869376104954')
})

test('joined checksums are those of the joined bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.uint8Array({ maxLength: 300 }), (a, b) => {
      expect(joinCrc64(crc64(a), crc64(b), b.length)).toBe(crc64(Buffer.concat([a, b])))
    }),
    { numRuns: 50 },
  )
})
