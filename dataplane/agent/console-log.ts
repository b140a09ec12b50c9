/**
 * The last output of a machine's serial console. QEMU keeps a short ring; the agent takes from it and keeps the tail
 * in a file of bounded size, which outlives both.
 */
import { appendFile, readFile, rename, stat, truncate, writeFile } from 'node:fs/promises'
import { effect } from '@pileus/kernel/effects'

/** Most bytes of a tail. */
export const tailBytes = 65536

export class ConsoleLog {
  readonly #file: string
  #tail: Buffer = Buffer.alloc(0)
  #fileBytes = 0
  #updatedAt: string | undefined
  /** Grows with each change. */
  version = 0

  constructor(file: string) {
    this.#file = file
  }

  /** Reads what an earlier agent kept. */
  async open(): Promise<void> {
    const content = await readFile(this.#file).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return Buffer.alloc(0)
      throw error
    })
    this.#fileBytes = content.length
    this.#tail = content.subarray(-tailBytes)
    if (content.length === 0) return
    this.#updatedAt = (await stat(this.#file)).mtime.toISOString()
    this.version += 1
  }

  get tail(): Buffer {
    return this.#tail
  }

  /** When it last changed, ISO 8601; undefined when nothing was ever printed. */
  get updatedAt(): string | undefined {
    return this.#updatedAt
  }

  async append(bytes: Buffer): Promise<void> {
    if (bytes.length === 0) return
    this.#tail = Buffer.concat([this.#tail, bytes]).subarray(-tailBytes)
    this.#updatedAt = new Date().toISOString()
    this.version += 1
    await effect('console.append', async () => {
      await appendFile(this.#file, bytes, { mode: 0o600 })
      this.#fileBytes += bytes.length
      if (this.#fileBytes > tailBytes * 2) await this.#shorten()
    })
  }

  async #shorten(): Promise<void> {
    const fresh = `${this.#file}.new`
    await writeFile(fresh, this.#tail, { mode: 0o600 })
    await rename(fresh, this.#file)
    this.#fileBytes = this.#tail.length
  }
}

/** Cuts a log that another program appends to, once it is larger than `maxBytes`. */
export async function boundLog(file: string, maxBytes: number): Promise<void> {
  const size = await stat(file).then(
    (found) => found.size,
    () => 0,
  )
  if (size > maxBytes) await truncate(file, 0)
}
