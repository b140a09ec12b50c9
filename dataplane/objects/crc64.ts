/**
 * CRC-64/XZ of long streams, several times faster than by tables.
 *
 * The polynomial divides 1 + x^-1116 + x^-2053 + … (`distances`), even when each x stands for eight bits. So a byte may
 * be taken away when it is added to the seven bytes at those distances behind it: the checksum stays. Done from the
 * first byte on, sixteen at a time, all that remains of a stream are its last bytes; only those go through tables. The
 * loop is a small WebAssembly module, since JavaScript has no vectors.
 *
 * The checksum begins with ones. That is as if the first eight bytes were inverted and it began with zeros, which is
 * what makes the above linear.
 */
import { createCRC64, type IHasher } from 'hash-wasm'

/** In bytes; a test checks them against the polynomial. The least lets sixteen bytes be taken at once, and hit no store
 * that is still under way; the greatest fits into the first-level cache. */
export const distances = [1116, 2053, 3578, 3940, 4822, 6647, 6798]
const lane = 16
/** What precedes the bytes in memory: the last that were taken away. */
const windowBytes = Math.ceil(distances.at(-1)! / lane) * lane
const roomBytes = 256 * 1024
const pageBytes = 64 * 1024
/** Less than this is quicker through tables alone. */
const shortBytes = 128 * 1024

/** What TypeScript's library for Node lacks. */
declare const WebAssembly: {
  Module: new (bytes: Uint8Array) => object
  Instance: new (
    module: object,
  ) => {
    exports: { memory: { buffer: ArrayBuffer }; fold(from: number, to: number): void }
  }
}

/** Not for several streams at once; `init` begins the next. */
export class Crc64 {
  readonly #tables: IHasher
  readonly #memory: Uint8Array
  readonly #fold: (from: number, to: number) => void
  /** Bytes behind the window that wait to be taken away. */
  #held = 0
  #isLong = false

  /** Use `createCrc64`. */
  constructor(tables: IHasher) {
    this.#tables = tables
    foldModule ??= new WebAssembly.Module(encodeModule())
    const { memory, fold } = new WebAssembly.Instance(foldModule).exports
    this.#memory = new Uint8Array(memory.buffer)
    this.#fold = fold
  }

  init(): this {
    this.#held = 0
    this.#isLong = false
    return this
  }

  update(chunk: Uint8Array): void {
    for (let from = 0; from < chunk.length; ) {
      const count = Math.min(roomBytes - this.#held, chunk.length - from)
      this.#memory.set(from === 0 && count === chunk.length ? chunk : chunk.subarray(from, from + count), this.#end())
      this.#held += count
      from += count
      if (this.#held === roomBytes) this.#take()
    }
  }

  /** An unsigned decimal number. Nothing may be added afterwards. */
  digest(): string {
    if (this.#held > shortBytes) this.#take()
    this.#tables.init()
    if (this.#isLong) this.#tables.update(this.#rest())
    this.#tables.update(this.#memory.subarray(windowBytes, this.#end()))
    return BigInt(`0x${this.#tables.digest('hex')}`).toString()
  }

  #end(): number {
    return windowBytes + this.#held
  }

  /** Takes away what is held, but for the bytes that fill no lane. */
  #take(): void {
    const bytes = this.#held - (this.#held % lane)
    if (!this.#isLong) {
      this.#isLong = true
      this.#memory.fill(0, 0, windowBytes)
      invertStart(this.#memory.subarray(windowBytes))
    }
    this.#fold(0, bytes)
    // The window and what fills no lane, from behind what was taken.
    this.#memory.copyWithin(0, bytes, this.#end())
    this.#held -= bytes
  }

  /** The window's bytes as they are when only what is before them has been taken away. */
  #rest(): Uint8Array {
    const rest = this.#memory.slice(0, windowBytes)
    for (let at = windowBytes - 1; at >= 0; at -= 1) {
      for (const distance of distances) if (distance <= at) rest[at]! ^= rest[at - distance]!
    }
    invertStart(rest)
    return rest
  }
}

export async function createCrc64(): Promise<Crc64> {
  return new Crc64(await createCRC64())
}

function invertStart(bytes: Uint8Array): void {
  for (let at = 0; at < 8; at += 1) bytes[at]! ^= 0xff
}

let foldModule: object | undefined

const i32 = 0x7f
const loop = [0x03, 0x40]
const end = 0x0b
const getAt = [0x20, 0]
const teeAt = [0x22, 0]
const getTo = [0x20, 1]
const i32Const = (value: number): number[] => [0x41, value]
const i32Add = 0x6a
const i32LessUnsigned = 0x49
const branchIf = [0x0d, 0]
const v128Load = (offset: number): number[] => [0xfd, 0x00, 0, ...unsigned(offset)]
const v128Store = (offset: number): number[] => [0xfd, 0x0b, 0, ...unsigned(offset)]
const v128Xor = [0xfd, 0x51]

/**
 * `fold(from, to)` goes through the lanes of `[from, to)` behind the window, and adds to each those at the distances
 * before it. `from` counts as the function's variable `at`.
 */
function encodeModule(): Uint8Array {
  const body = [
    ...loop,
    ...getAt,
    ...getAt,
    ...v128Load(windowBytes),
    ...distances.flatMap((distance) => [...getAt, ...v128Load(windowBytes - distance), ...v128Xor]),
    ...v128Store(windowBytes),
    ...getAt,
    ...i32Const(lane),
    i32Add,
    ...teeAt,
    ...getTo,
    i32LessUnsigned,
    ...branchIf,
    end,
    end,
  ]
  const name = (text: string): number[] => [...unsigned(text.length), ...Buffer.from(text)]
  const section = (id: number, content: readonly number[]): number[] => [id, ...unsigned(content.length), ...content]
  const code = [0, ...body]
  const memoryPages = Math.ceil((windowBytes + roomBytes) / pageBytes)
  return Uint8Array.from([
    ...Buffer.from('\0asm\x01\0\0\0', 'latin1'),
    ...section(1, [1, 0x60, 2, i32, i32, 0]),
    ...section(3, [1, 0]),
    ...section(5, [1, 0, memoryPages]),
    ...section(7, [2, ...name('memory'), 2, 0, ...name('fold'), 0, 0]),
    ...section(10, [1, ...unsigned(code.length), ...code]),
  ])
}

/** LEB128. */
function unsigned(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(value >>> 7)]
}
