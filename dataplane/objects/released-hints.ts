import { storedBytes } from './blocks.ts'
import type { Disk } from './disk.ts'
import { parseLocation, type StoreLayout } from './location.ts'

/**
 * What `release` was told, one file per volume, one line per location. Hints only choose where a sweep looks first:
 * they may be lost or wrong. On a full disk they are kept in memory, so that space can still be freed.
 */
export class ReleasedHints {
  readonly #disk: Disk
  readonly #layout: StoreLayout
  readonly #unwritten = new Set<string>()

  constructor(disk: Disk, layout: StoreLayout) {
    this.#disk = disk
    this.#layout = layout
  }

  async add(locations: readonly string[]): Promise<void> {
    const byVolume = new Map<string, string>()
    for (const location of locations) {
      const { volume, bytes } = parseLocation(location)
      if (bytes > 0) byVolume.set(volume, `${byVolume.get(volume) ?? ''}${location}\n`)
    }
    for (const [volume, text] of byVolume) {
      try {
        await this.#disk.append(this.#layout.releasedFileOf(volume), text)
      } catch {
        this.#unwritten.add(volume)
      }
    }
  }

  async listVolumes(): Promise<string[]> {
    return [...new Set([...(await this.#disk.list(this.#layout.released)), ...this.#unwritten])]
  }

  /** Bytes on disk that the released records of a volume take; all of them when that is not known. */
  async estimateDeadBytes(volume: string): Promise<number> {
    if (this.#unwritten.has(volume)) return Number.POSITIVE_INFINITY
    const text = (await this.#disk.findText(this.#layout.releasedFileOf(volume))) ?? ''
    let dead = 0
    for (const location of new Set(text.split('\n'))) {
      // The last line is torn when a process died in it.
      if (!location.startsWith(`${volume}.`)) continue
      dead += storedBytes(parseLocation(location).bytes)
    }
    return dead
  }

  async remove(volume: string): Promise<void> {
    this.#unwritten.delete(volume)
    await this.#disk.remove(this.#layout.releasedFileOf(volume))
  }
}
