/** Frames that answers are sent in: a head of 12 bytes, the payload, and its CRC-32; numbers with the high byte first. */
import { crc32 } from 'node:zlib'

const version = 1
const types = { data: 0x800001, continuous: 0x800004, end: 0x800005, csvMeta: 0x800006, jsonMeta: 0x800007 } as const

/** `offset` is how much of the object was read, in bytes. */
export function dataFrame(offset: number, data: Buffer): Buffer {
  return frame(types.data, Buffer.concat([wide(offset), data]))
}

/** Says nothing but that work goes on. */
export function continuousFrame(offset: number): Buffer {
  return frame(types.continuous, wide(offset))
}

/** `error` is `<code>.<message>`, or empty. */
export function endFrame(offset: number, status: number, error: string): Buffer {
  return frame(types.end, Buffer.concat([wide(offset), wide(offset), narrow(status), Buffer.from(error)]))
}

export interface SelectMeta {
  readonly splits: number
  readonly lines: number
  /** Of the first line; undefined for JSON. */
  readonly columns: number | undefined
}

export function metaFrame(offset: number, status: number, meta: SelectMeta, error: string): Buffer {
  const { splits, lines, columns } = meta
  const counts = [narrow(splits), wide(lines), ...(columns === undefined ? [] : [narrow(columns)])]
  const payload = [wide(offset), wide(offset), narrow(status), ...counts, Buffer.from(error)]
  return frame(columns === undefined ? types.jsonMeta : types.csvMeta, Buffer.concat(payload))
}

function frame(type: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(12)
  head.writeUInt32BE(version * 2 ** 24 + type, 0)
  head.writeUInt32BE(payload.length, 4)
  head.writeUInt32BE(crc32(head.subarray(0, 8)), 8)
  return Buffer.concat([head, payload, narrow(crc32(payload))])
}

function wide(value: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64BE(BigInt(value))
  return bytes
}

function narrow(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}
