import { createHash, type Hash } from 'node:crypto'
import { createCRC64, type IHasher } from 'hash-wasm'

/** MD5 and CRC-64/XZ of a stream. CRC hashers own a WebAssembly memory each, so they are kept and used again. */
export class Digests {
  readonly #idle: IHasher[] = []

  /** The hasher must be given back with `done` or `discard`. */
  async start(): Promise<RunningDigest> {
    const crc64 = this.#idle.pop() ?? (await createCRC64())
    return new RunningDigest(crc64.init(), (hasher) => {
      if (this.#idle.length < 16) this.#idle.push(hasher)
    })
  }
}

export class RunningDigest {
  readonly #md5: Hash = createHash('md5')
  readonly #crc64: IHasher
  readonly #giveBack: (hasher: IHasher) => void

  constructor(crc64: IHasher, giveBack: (hasher: IHasher) => void) {
    this.#crc64 = crc64
    this.#giveBack = giveBack
  }

  update(bytes: Uint8Array): void {
    this.#md5.update(bytes)
    this.#crc64.update(bytes)
  }

  done(): { md5Hex: string; crc64: string } {
    const crc64 = BigInt(`0x${this.#crc64.digest('hex')}`).toString()
    this.#giveBack(this.#crc64)
    return { md5Hex: this.#md5.digest('hex'), crc64 }
  }

  discard(): void {
    this.#giveBack(this.#crc64)
  }
}
