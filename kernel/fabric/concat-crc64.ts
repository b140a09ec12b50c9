/**
 * CRC-64/XZ of two joined byte strings, from their checksums alone. A CRC is linear: appending n zero bytes to the
 * first string multiplies its register by x^(8n) modulo the polynomial, and the second string's checksum is added.
 */

/** The polynomial, bit-reversed: bit 63 is x^0. */
const POLYNOMIAL = 0xc96c5795d7870f42n
const ONE = 1n << 63n

/** x^(8 * 2^i), found once each. */
const byteShifts: bigint[] = [1n << 55n]

/**
 * Checksum of A followed by B.
 * @param crcA, crcB unsigned decimal numbers
 * @param bytesB length of B in bytes
 */
export function concatCrc64(crcA: string, crcB: string, bytesB: number): string {
  if (!Number.isSafeInteger(bytesB) || bytesB < 0) throw new RangeError(`not a length: ${bytesB}`)
  let shift = ONE
  let rest = bytesB
  for (let i = 0; rest > 0; i++) {
    const square = byteShifts[i] ?? multiply(byteShifts[i - 1]!, byteShifts[i - 1]!)
    byteShifts[i] = square
    if (rest % 2 === 1) shift = multiply(shift, square)
    rest = Math.floor(rest / 2)
  }
  return (multiply(BigInt(crcA), shift) ^ BigInt(crcB)).toString()
}

/** Product of two polynomials modulo the CRC's. */
function multiply(a: bigint, b: bigint): bigint {
  let product = 0n
  let term = a
  for (let bit = ONE; bit > 0n; bit >>= 1n) {
    if ((b & bit) !== 0n) product ^= term
    term = (term & 1n) === 0n ? term >> 1n : (term >> 1n) ^ POLYNOMIAL
  }
  return product
}
