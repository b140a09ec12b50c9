import { createHash } from 'node:crypto'
import { createCRC64, type IHasher } from 'hash-wasm'
import { ThreadedMd5 } from './md5-threads.ts'

/** MD5 in lowercase hex and CRC-64/XZ as an unsigned decimal number. */
export interface Digest {
  md5Hex: string
  crc64: string
}

/** Makes digests. CRC hashers own a WebAssembly memory each, so those of streams are kept and used again. */
export class Digests {
  readonly #whole: IHasher
  readonly #idle: IHasher[] = []

  /** Use `createDigests`. */
  constructor(whole: IHasher) {
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
    return { md5Hex: md5.digest('hex'), crc64: decimal(this.#whole) }
  }

  /** For a stream. End it with `done` or `discard`. */
  async start(): Promise<RunningDigest> {
    const crc64 = this.#idle.pop() ?? (await createCRC64())
    return new RunningDigest(crc64.init(), (hasher) => {
      if (this.#idle.length < 16) this.#idle.push(hasher)
    })
  }
}

export async function createDigests(): Promise<Digests> {
  return new Digests(await createCRC64())
}

export class RunningDigest {
  readonly #md5 = new ThreadedMd5()
  readonly #crc64: IHasher
  readonly #giveBack: (hasher: IHasher) => void
  #isOpen = true

  constructor(crc64: IHasher, giveBack: (hasher: IHasher) => void) {
    this.#crc64 = crc64
    this.#giveBack = giveBack
  }

  /** Takes the bytes of `memory` at `parts`, pairs of offset and length. They must not change until it answers. */
  update(memory: SharedArrayBuffer, parts: readonly number[]): Promise<void> {
    const updated = this.#md5.update(memory, parts)
    for (let i = 0; i < parts.length; i += 2) this.#crc64.update(new Uint8Array(memory, parts[i], parts[i + 1]))
    return updated
  }

  async done(): Promise<Digest> {
    const crc64 = decimal(this.#crc64)
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

function decimal(hasher: IHasher): string {
  return BigInt(`0x${hasher.digest('hex')}`).toString()
}
