import { MissingBytesError } from '@pileus/kernel/fabric/bytes'
import { type Disk, type DiskFile, errorCode } from './disk.ts'
import { quietly } from './failures.ts'
import { kindOf, type StoreLayout } from './location.ts'

interface OpenFile {
  opening: Promise<DiskFile>
  users: number
  /** No new users: close when the last one leaves. */
  dropped: boolean
  idleSinceMs: number
}

/**
 * Volumes open for reading, shared by readers. Packed volumes stay open for a while, since the next small read is
 * likely to be in one of them; solo volumes close with their last reader, so that removing one frees its space.
 */
export class OpenFiles {
  readonly #disk: Disk
  readonly #layout: StoreLayout
  readonly #files = new Map<string, OpenFile>()
  readonly #maxIdle: number
  #idle = 0

  constructor(disk: Disk, layout: StoreLayout, maxIdle = 256) {
    this.#disk = disk
    this.#layout = layout
    this.#maxIdle = maxIdle
  }

  /** The file stays open until `leave`. @throws MissingBytesError */
  async enter(volume: string, location: string): Promise<DiskFile> {
    let entry = this.#files.get(volume)
    if (!entry) {
      entry = { opening: this.#disk.open(this.#layout.fileOf(volume)), users: 0, dropped: false, idleSinceMs: 0 }
      this.#files.set(volume, entry)
    } else if (entry.users === 0) this.#idle--
    entry.users++
    try {
      return await entry.opening
    } catch (error) {
      if (this.#files.get(volume) === entry) this.#files.delete(volume)
      throw errorCode(error) === 'ENOENT' ? new MissingBytesError(location, { cause: error }) : error
    }
  }

  async leave(volume: string, nowMs: number): Promise<void> {
    const entry = this.#files.get(volume)
    if (!entry) throw new Error(`nobody is reading ${volume}`)
    entry.users--
    if (entry.users > 0) return
    this.#idle++
    entry.idleSinceMs = nowMs
    if (entry.dropped || kindOf(volume) === 'solo') await this.#close(volume, entry)
    else if (this.#idle > this.#maxIdle) await this.closeIdle(nowMs, 0, 1)
  }

  /** Lets go of a volume that is being removed. */
  async drop(volume: string): Promise<void> {
    const entry = this.#files.get(volume)
    if (!entry) return
    entry.dropped = true
    if (entry.users === 0) await this.#close(volume, entry)
  }

  /** Closes what nobody has read for `idleMs`, the longest idle first. */
  async closeIdle(nowMs: number, idleMs: number, atMost = Number.POSITIVE_INFINITY): Promise<void> {
    const idle = [...this.#files].filter(([, entry]) => entry.users === 0 && nowMs - entry.idleSinceMs >= idleMs)
    idle.sort(([, a], [, b]) => a.idleSinceMs - b.idleSinceMs)
    for (const [volume, entry] of idle.slice(0, atMost)) await this.#close(volume, entry)
  }

  async #close(volume: string, entry: OpenFile): Promise<void> {
    if (entry.users > 0 || this.#files.get(volume) !== entry) return
    this.#files.delete(volume)
    this.#idle--
    await quietly(entry.opening.then((file) => file.close()))
  }
}
