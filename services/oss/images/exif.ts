/**
 * Reads the tags of an EXIF block, which is a TIFF header with directories of entries. All offsets come from the
 * customer, so each is checked, directories are visited once, and long values are left out.
 */

/** Longest value that is told, in bytes, and most entries of a directory. */
const maxValueBytes = 256
const maxEntries = 256

const pointers: Readonly<Record<number, 'exif' | 'gps'>> = { 34665: 'exif', 34853: 'gps' }
const mainNames: Readonly<Record<number, string>> = {
  256: 'ImageWidth',
  257: 'ImageLength',
  259: 'Compression',
  270: 'ImageDescription',
  271: 'Make',
  272: 'Model',
  274: 'Orientation',
  282: 'XResolution',
  283: 'YResolution',
  296: 'ResolutionUnit',
  305: 'Software',
  306: 'DateTime',
  315: 'Artist',
  531: 'YCbCrPositioning',
  33432: 'Copyright',
  33434: 'ExposureTime',
  33437: 'FNumber',
  34665: 'ExifTag',
  34850: 'ExposureProgram',
  34853: 'GPSTag',
  34855: 'ISOSpeedRatings',
  36864: 'ExifVersion',
  36867: 'DateTimeOriginal',
  36868: 'DateTimeDigitized',
  37377: 'ShutterSpeedValue',
  37378: 'ApertureValue',
  37380: 'ExposureBiasValue',
  37383: 'MeteringMode',
  37384: 'LightSource',
  37385: 'Flash',
  37386: 'FocalLength',
  40961: 'ColorSpace',
  40962: 'PixelXDimension',
  40963: 'PixelYDimension',
  41985: 'CustomRendered',
  41986: 'ExposureMode',
  41987: 'WhiteBalance',
  41988: 'DigitalZoomRatio',
  41990: 'SceneCaptureType',
}
const gpsNames: Readonly<Record<number, string>> = {
  0: 'GPSVersionID',
  1: 'GPSLatitudeRef',
  2: 'GPSLatitude',
  3: 'GPSLongitudeRef',
  4: 'GPSLongitude',
  5: 'GPSAltitudeRef',
  6: 'GPSAltitude',
  7: 'GPSTimeStamp',
  18: 'GPSMapDatum',
  29: 'GPSDateStamp',
}
const typeBytes: Readonly<Record<number, number>> = { 1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 7: 1, 9: 4, 10: 8 }

/** Values by tag name, as text; empty when the block is not well formed. */
export function readExif(block: Buffer): Record<string, string> {
  const tags: Record<string, string> = {}
  const start = block.toString('latin1', 0, 6) === 'Exif\0\0' ? 6 : 0
  const tiff = block.subarray(start)
  const order = tiff.toString('latin1', 0, 2)
  if (tiff.length < 8 || (order !== 'II' && order !== 'MM')) return tags
  const reader = new Tiff(tiff, order === 'II')
  const todo: { at: number; names: Readonly<Record<number, string>> }[] = [{ at: reader.long(4), names: mainNames }]
  const seen = new Set<number>()
  for (let next = todo.pop(); next; next = todo.pop()) {
    if (seen.has(next.at) || next.at + 2 > tiff.length) continue
    seen.add(next.at)
    const count = Math.min(reader.short(next.at), maxEntries)
    for (let i = 0; i < count; i += 1) {
      const entry = next.at + 2 + i * 12
      if (entry + 12 > tiff.length) break
      const tag = reader.short(entry)
      const pointer = next.names === mainNames ? pointers[tag] : undefined
      if (pointer) todo.push({ at: reader.long(entry + 8), names: pointer === 'gps' ? gpsNames : mainNames })
      const name = next.names[tag]
      const value = name === undefined ? undefined : reader.value(entry)
      if (name !== undefined && value !== undefined) tags[name] = value
    }
  }
  return tags
}

class Tiff {
  readonly #bytes: Buffer
  readonly #isLittle: boolean
  constructor(bytes: Buffer, isLittle: boolean) {
    this.#bytes = bytes
    this.#isLittle = isLittle
  }

  short(at: number): number {
    return this.#isLittle ? this.#bytes.readUInt16LE(at) : this.#bytes.readUInt16BE(at)
  }

  long(at: number): number {
    return this.#isLittle ? this.#bytes.readUInt32LE(at) : this.#bytes.readUInt32BE(at)
  }

  #signed(at: number): number {
    return this.#isLittle ? this.#bytes.readInt32LE(at) : this.#bytes.readInt32BE(at)
  }

  /** The value of the 12-byte entry at `entry`; undefined when it is too long, unknown or out of bounds. */
  value(entry: number): string | undefined {
    const type = this.short(entry + 2)
    const count = this.long(entry + 4)
    const unit = typeBytes[type]
    if (unit === undefined || count === 0 || count * unit > maxValueBytes) return undefined
    const at = count * unit <= 4 ? entry + 8 : this.long(entry + 8)
    if (at + count * unit > this.#bytes.length) return undefined
    if (type === 2 || type === 7) return printable(this.#bytes.toString('utf8', at, at + count))
    const values: string[] = []
    for (let i = 0; i < count; i += 1) values.push(this.#one(type, at + i * unit))
    return values.join(' ')
  }

  #one(type: number, at: number): string {
    switch (type) {
      case 1:
        return String(this.#bytes[at])
      case 3:
        return String(this.short(at))
      case 5:
        return `${this.long(at)}/${this.long(at + 4)}`
      case 9:
        return String(this.#signed(at))
      case 10:
        return `${this.#signed(at)}/${this.#signed(at + 4)}`
      default:
        return String(this.long(at))
    }
  }
}

function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: texts of cameras end with NUL
  return text.replace(/[\u0000-\u001f]+/g, ' ').trim()
}
