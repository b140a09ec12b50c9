/** Joining CRC-64/XZ checksums of parts, without their bytes. */
const polynomial = 0xc96c5795d7870f42n
const mask = 0xffff_ffff_ffff_ffffn

type Matrix = readonly bigint[]

/** Multiplies a vector over GF(2): the columns whose bit is set, added. */
function times(matrix: Matrix, vector: bigint): bigint {
  let sum = 0n
  for (let i = 0, rest = vector; rest !== 0n; i += 1, rest >>= 1n) if (rest & 1n) sum ^= matrix[i]!
  return sum
}

const square = (matrix: Matrix): Matrix => matrix.map((column) => times(matrix, column))

/** `afterZeros[i]` carries a checksum over 2^i zero bytes. Made when first needed. */
let afterZeros: Matrix[] | undefined

function zeroOperators(): Matrix[] {
  if (afterZeros) return afterZeros
  let matrix: Matrix = Array.from({ length: 64 }, (_, i) => (i === 0 ? polynomial : 1n << BigInt(i - 1)))
  for (let bits = 1; bits < 8; bits *= 2) matrix = square(matrix)
  afterZeros = [matrix]
  while (afterZeros.length < 53) afterZeros.push(square(afterZeros.at(-1)!))
  return afterZeros
}

/** The checksum of two pieces joined, from those of each and the length in bytes of the second. All are decimal. */
export function joinCrc64(first: string, second: string, secondBytes: number): string {
  const operators = zeroOperators()
  let crc = BigInt(first)
  for (let i = 0, rest = BigInt(secondBytes); rest !== 0n; i += 1, rest >>= 1n) {
    if (rest & 1n) crc = times(operators[i]!, crc)
  }
  return ((crc ^ BigInt(second)) & mask).toString()
}
