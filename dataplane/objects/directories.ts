import type { Disk } from './disk.ts'

/** Directories that this process has made sure of, each once. */
export class Directories {
  readonly #disk: Disk
  readonly #ensured = new Map<string, Promise<void>>()

  constructor(disk: Disk) {
    this.#disk = disk
  }

  /** The directory exists and its name is durable. */
  async ensure(directory: string): Promise<void> {
    let ensuring = this.#ensured.get(directory)
    if (!ensuring) {
      ensuring = this.#disk.ensureDirectory(directory)
      this.#ensured.set(directory, ensuring)
    }
    try {
      await ensuring
    } catch (error) {
      this.#ensured.delete(directory)
      throw error
    }
  }
}
