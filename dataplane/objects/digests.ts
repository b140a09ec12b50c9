import { createHash, type Hash } from 'node:crypto'
import { createCRC64, type IHasher } from 'hash-wasm'

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

  done(): Digest {
    const crc64 = decimal(this.#crc64)
    this.#giveBack(this.#crc64)
    return { md5Hex: this.#md5.digest('hex'), crc64 }
  }

  discard(): void {
    this.#giveBack(this.#crc64)
  }
}

function decimal(hasher: IHasher): string {
  return BigInt(`0x${hasher.digest('hex')}`).toString()
}
