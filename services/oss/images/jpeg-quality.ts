/** Luminance table of the JPEG standard at quality 50, summed. @see ITU-T T.81, table K.1 */
const standardSum = 3688

/** Quality, 1 to 100, that a JPEG was most likely saved with, from its first quantization table. */
export function estimateJpegQuality(bytes: Buffer): number | undefined {
  for (let at = 2; at + 4 <= bytes.length && bytes[at] === 0xff; ) {
    const marker = bytes[at + 1]!
    const length = bytes.readUInt16BE(at + 2)
    if (marker === 0xda || length < 2) return undefined
    if (marker === 0xdb && bytes[at + 4] === 0 && at + 5 + 64 <= bytes.length) {
      let sum = 0
      for (let i = 0; i < 64; i += 1) sum += bytes[at + 5 + i]!
      const percent = (100 * sum) / standardSum
      const quality = percent <= 100 ? 100 - percent / 2 : 5000 / percent
      return Math.min(100, Math.max(1, Math.round(quality)))
    }
    at += 2 + length
  }
  return undefined
}
