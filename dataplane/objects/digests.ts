import { createHash } from 'node:crypto'
import { type Crc64, createCrc64 } from './crc64.ts'
import { ThreadedMd5 } from './md5-threads.ts'

/** MD5 in lowercase hex and CRC-64/XZ as an unsigned decimal number. */
export interface Digest {
  md5Hex: string
  crc64: string
}

/** Makes digests. CRC hashers own a WebAssembly memory each, so those of streams are kept and used again. */
export class Digests {
  readonly #whole: Crc64
  readonly #idle: Crc64[] = []

  /** Use `createDigests`. */
  constructor(whole: Crc64) {
    this.#whole = whole
  }

  /** Digest of the chunks joined, at once. */
  of(chunks: readonly Uint8Array[]): Digest {
    const md5 = createHash('md5')
    this.#whole.init()
    for (const chunk of chunks) {
      md5.update(chunk)
      this.#whole.update(chunk)
    }
    return { md5Hex: md5.digest('hex'), crc64: this.#whole.digest() }
  }

  /** For a stream. End it with `done` or `discard`. */
  async start(): Promise<RunningDigest> {
    const crc64 = this.#idle.pop() ?? (await createCrc64())
    return new RunningDigest(crc64.init(), (used) => {
      if (this.#idle.length < 16) this.#idle.push(used)
    })
  }
}

export async function createDigests(): Promise<Digests> {
  return new Digests(await createCrc64())
}

/** MD5 is computed in a thread, from memory that is shared; CRC-64 at once, from the chunks as they come. */
export class RunningDigest {
  readonly #md5 = new ThreadedMd5()
  readonly #crc64: Crc64
  readonly #giveBack: (crc64: Crc64) => void
  #isOpen = true

  constructor(crc64: Crc64, giveBack: (crc64: Crc64) => void) {
    this.#crc64 = crc64
    this.#giveBack = giveBack
  }

  addToCrc64(chunk: Uint8Array): void {
    this.#crc64.update(chunk)
  }

  /** Takes the bytes of `memory` at `parts`, pairs of offset and length. They must not change until it answers. */
  addToMd5(memory: SharedArrayBuffer, parts: readonly number[]): Promise<void> {
    return this.#md5.update(memory, parts)
  }

  async done(): Promise<Digest> {
    const crc64 = this.#crc64.digest()
    this.#close()
    return { md5Hex: await this.#md5.done(), crc64 }
  }

  discard(): void {
    if (!this.#isOpen) return
    this.#close()
    this.#md5.discard()
  }

  #close(): void {
    this.#isOpen = false
    this.#giveBack(this.#crc64)
  }
}
