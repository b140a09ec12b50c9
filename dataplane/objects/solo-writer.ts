/**
 * Streams one large record into a volume of its own. Two buffers take turns: one fills from the source while the other
 * is written, so memory does not grow with the size. The disk is made to write along the way, so that the last flush
 * finds little to do and the kernel's cache does not fill with what this process has in hand.
 */
import { BLOCK_BYTES, BlockSeeds, GROUP_BYTES, sealGroup, storedBytes } from './blocks.ts'
import type { Directories } from './directories.ts'
import type { Disk, DiskFile } from './disk.ts'
import { asPutError, quietly } from './failures.ts'
import { formatLocation, newVolume, type StoreLayout } from './location.ts'

const GROUPS_PER_BUFFER = 4
const BUFFER_BYTES = GROUP_BYTES * GROUPS_PER_BUFFER
const STORED_GROUP_BYTES = storedBytes(GROUP_BYTES)
const GROUP_TABLE_BYTES = STORED_GROUP_BYTES - GROUP_BYTES
const FLUSH_EVERY_BYTES = 32 * 1024 * 1024

export class SoloWriter {
  readonly #disk: Disk
  readonly #directories: Directories
  readonly #layout: StoreLayout
  readonly #volume = newVolume('solo')
  readonly #seeds = new BlockSeeds(this.#volume)
  #file: DiskFile | undefined
  #filling = Buffer.allocUnsafe(storedBytes(BUFFER_BYTES))
  #spare = Buffer.allocUnsafe(storedBytes(BUFFER_BYTES))
  /** Bytes in `#filling`, without checksums. */
  #filled = 0
  /** Bytes handed to the disk, without checksums. */
  #written = 0
  #unflushed = 0
  #writing: Promise<void> = Promise.resolve()
  #flushing: Promise<void> = Promise.resolve()

  constructor(disk: Disk, directories: Directories, layout: StoreLayout) {
    this.#disk = disk
    this.#directories = directories
    this.#layout = layout
  }

  async start(): Promise<void> {
    try {
      await this.#directories.ensure(this.#layout.directoryOf(this.#volume))
      this.#file = await this.#disk.create(this.#layout.fileOf(this.#volume))
    } catch (error) {
      throw asPutError(error)
    }
  }

  /** Takes the bytes over by copying them. @throws NoSpaceError */
  async add(chunk: Uint8Array): Promise<void> {
    for (let from = 0; from < chunk.length; ) {
      const inGroup = this.#filled % GROUP_BYTES
      const at = Math.floor(this.#filled / GROUP_BYTES) * STORED_GROUP_BYTES + GROUP_TABLE_BYTES + inGroup
      const count = Math.min(GROUP_BYTES - inGroup, chunk.length - from)
      this.#filling.set(chunk.subarray(from, from + count), at)
      this.#filled += count
      from += count
      if (this.#filled === BUFFER_BYTES) await this.#writeFilled()
    }
  }

  /** Answers with the location once everything is durable. @throws NoSpaceError */
  async finish(): Promise<string> {
    try {
      if (this.#filled > 0) await this.#writeFilled()
      await this.#writing
      await this.#flushing
      await this.#file!.sync()
      await this.#disk.syncDirectory(this.#layout.directoryOf(this.#volume))
    } catch (error) {
      throw asPutError(error)
    }
    await quietly(this.#file!.close())
    return formatLocation({ volume: this.#volume, offset: 0, bytes: this.#written })
  }

  /** Leaves nothing behind. */
  async abandon(): Promise<void> {
    await quietly(this.#writing)
    await quietly(this.#flushing)
    if (!this.#file) return
    await quietly(this.#disk.remove(this.#layout.fileOf(this.#volume)))
    await quietly(this.#file.close())
  }

  async #writeFilled(): Promise<void> {
    try {
      await this.#writing
      if (this.#unflushed >= FLUSH_EVERY_BYTES) {
        await this.#flushing
        this.#unflushed = 0
        this.#flushing = this.#file!.sync()
        this.#flushing.catch(() => {})
      }
    } catch (error) {
      throw asPutError(error)
    }
    const full = this.#filling
    const pieces = this.#sealFilled()
    this.#writing = this.#file!.write(pieces, storedBytes(this.#written))
    this.#writing.catch(() => {})
    this.#written += this.#filled
    this.#unflushed += this.#filled
    this.#filled = 0
    this.#filling = this.#spare
    this.#spare = full
  }

  /** The filled groups as they go to disk. */
  #sealFilled(): Buffer[] {
    const pieces: Buffer[] = []
    for (let from = 0; from < this.#filled; from += GROUP_BYTES) {
      const groupBytes = Math.min(GROUP_BYTES, this.#filled - from)
      const at = (from / GROUP_BYTES) * STORED_GROUP_BYTES
      const firstBlock = (this.#written + from) / BLOCK_BYTES
      // The bytes of a short last group stand behind room for four checksums; it has fewer.
      const skip = STORED_GROUP_BYTES - GROUP_BYTES - (storedBytes(groupBytes) - groupBytes)
      const group = this.#filling.subarray(at + skip, at + GROUP_TABLE_BYTES + groupBytes)
      sealGroup(group, groupBytes, this.#seeds, 0, firstBlock)
      pieces.push(group)
    }
    return pieces
  }
}
