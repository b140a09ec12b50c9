/**
 * Streams one large record into a volume of its own. A few buffers take turns: one fills from the source while others
 * are written and digested, so memory does not grow with the size. When the disk or the digest stops for a moment, more
 * buffers let the other go on. The disk is made to write along the way, so that the last flush finds little to do and
 * the kernel's cache does not fill with what this process has in hand.
 */
import { BLOCK_BYTES, BlockSeeds, GROUP_BYTES, sealGroup, storedBytes } from './blocks.ts'
import type { Digest, Digests, RunningDigest } from './digests.ts'
import type { Directories } from './directories.ts'
import type { Disk, DiskFile } from './disk.ts'
import { asPutError, quietly } from './failures.ts'
import { formatLocation, newVolume, type StoreLayout } from './location.ts'

const GROUPS_PER_BUFFER = 4
const BUFFER_BYTES = GROUP_BYTES * GROUPS_PER_BUFFER
const STORED_GROUP_BYTES = storedBytes(GROUP_BYTES)
const GROUP_TABLE_BYTES = STORED_GROUP_BYTES - GROUP_BYTES
const FLUSH_EVERY_BYTES = 32 * 1024 * 1024
/** What each put may have. */
const MIN_BUFFERS = 3
const MAX_BUFFERS = 8
/** While all puts together have no more, each may have more than the least. */
const EASY_BUFFERS = 32

let buffersInUse = 0
/** Buffers of puts that have ended: fresh memory costs as much as copying into it. */
const spareBuffers: TurnBuffer[] = []
const MAX_SPARE_BUFFERS = 16

interface TurnBuffer {
  memory: SharedArrayBuffer
  bytes: Buffer
  /** When it may be filled again. */
  free: Promise<void>
  isFree: boolean
}

function takeBuffer(): TurnBuffer {
  buffersInUse += 1
  const spare = spareBuffers.pop()
  if (spare) return spare
  const memory = new SharedArrayBuffer(storedBytes(BUFFER_BYTES))
  return { memory, bytes: Buffer.from(memory), free: Promise.resolve(), isFree: true }
}

export class SoloWriter {
  readonly #disk: Disk
  readonly #directories: Directories
  readonly #layout: StoreLayout
  readonly #volume = newVolume('solo')
  readonly #seeds = new BlockSeeds(this.#volume)
  #file: DiskFile | undefined
  readonly #digests: Digests
  #digest: RunningDigest | undefined
  /** The first is being filled, the next was filled longest ago. */
  #buffers = [takeBuffer()]
  /** Bytes in the first buffer, without checksums. */
  #filled = 0
  /** Bytes handed to the disk, without checksums. */
  #written = 0
  #unflushed = 0
  /** Makes the volume's name durable. */
  #naming: Promise<void> = Promise.resolve()
  #writing: Promise<void> = Promise.resolve()
  #flushing: Promise<void> = Promise.resolve()

  constructor(disk: Disk, directories: Directories, layout: StoreLayout, digests: Digests) {
    this.#digests = digests
    this.#disk = disk
    this.#directories = directories
    this.#layout = layout
  }

  /** Makes the volume and takes the first chunks. @throws NoSpaceError */
  async start(chunks: readonly Uint8Array[]): Promise<void> {
    this.#digest = await this.#digests.start()
    try {
      await this.#directories.ensure(this.#layout.directoryOf(this.#volume))
      this.#file = await this.#disk.create(this.#layout.fileOf(this.#volume), 'volume')
      this.#naming = this.#disk.syncDirectory(this.#layout.directoryOf(this.#volume))
      this.#naming.catch(() => {})
    } catch (error) {
      throw asPutError(error)
    }
    for (const chunk of chunks) await this.add(chunk)
  }

  /** Takes the bytes over by copying them. @throws NoSpaceError */
  async add(chunk: Uint8Array): Promise<void> {
    this.#digest!.addToCrc64(chunk)
    for (let from = 0; from < chunk.length; ) {
      const inGroup = this.#filled % GROUP_BYTES
      const at = Math.floor(this.#filled / GROUP_BYTES) * STORED_GROUP_BYTES + GROUP_TABLE_BYTES + inGroup
      const count = Math.min(GROUP_BYTES - inGroup, chunk.length - from)
      // Not `set`, which goes word by word where memory is shared.
      this.#buffers[0]!.bytes.fill(chunk.subarray(from, from + count), at, at + count)
      this.#filled += count
      from += count
      if (this.#filled === BUFFER_BYTES) await this.#writeFilled()
    }
  }

  /** Answers with location and digest once everything is durable. @throws NoSpaceError */
  async finish(): Promise<Digest & { location: string }> {
    let digest: Digest
    try {
      if (this.#filled > 0) await this.#writeFilled()
      await this.#writing
      await this.#flushing
      const [digested] = await Promise.all([this.#digest!.done(), this.#file!.sync('last'), this.#naming])
      digest = digested
    } catch (error) {
      throw asPutError(error)
    }
    await quietly(this.#file!.close())
    await this.#giveBack()
    return { location: formatLocation({ volume: this.#volume, offset: 0, bytes: this.#written }), ...digest }
  }

  /** Leaves nothing behind. */
  async abandon(): Promise<void> {
    await quietly(this.#writing)
    await quietly(this.#flushing)
    await quietly(this.#naming)
    await this.#giveBack()
    this.#digest?.discard()
    if (!this.#file) return
    await quietly(this.#disk.remove(this.#layout.fileOf(this.#volume)))
    await quietly(this.#file.close())
  }

  async #giveBack(): Promise<void> {
    for (const buffer of this.#buffers.splice(0)) {
      await quietly(buffer.free)
      buffersInUse -= 1
      // What this put failed of is not the next one's business.
      buffer.free = Promise.resolve()
      buffer.isFree = true
      if (spareBuffers.length < MAX_SPARE_BUFFERS) spareBuffers.push(buffer)
    }
  }

  async #writeFilled(): Promise<void> {
    const full = this.#buffers[0]!
    try {
      if (this.#unflushed >= FLUSH_EVERY_BYTES) await this.#flushWritten()
      const { pieces, parts } = this.#sealFilled()
      const position = storedBytes(this.#written)
      const digesting = this.#digest!.addToMd5(full.memory, parts)
      this.#writing = this.#writing.then(() => this.#file!.write(pieces, position))
      full.isFree = false
      full.free = Promise.all([digesting, this.#writing]).then(() => {
        full.isFree = true
      })
      full.free.catch(() => {})
      this.#written += this.#filled
      this.#unflushed += this.#filled
      this.#filled = 0
      this.#buffers.unshift(await this.#nextBuffer())
    } catch (error) {
      throw asPutError(error)
    }
  }

  /** Begins to flush what was written; waits for the flush before. */
  async #flushWritten(): Promise<void> {
    await this.#flushing
    this.#unflushed = 0
    this.#flushing = this.#writing.then(() => this.#file!.sync('some'))
    this.#flushing.catch(() => {})
  }

  /** One more where that helps, else the one that was filled longest ago. */
  async #nextBuffer(): Promise<TurnBuffer> {
    const oldest = this.#buffers.at(-1)!
    const count = this.#buffers.length
    const mayGrow = count < MIN_BUFFERS || (count < MAX_BUFFERS && buffersInUse < EASY_BUFFERS)
    if (!oldest.isFree && mayGrow) return takeBuffer()
    await oldest.free
    this.#buffers.pop()
    return oldest
  }

  /** The filled groups as they go to disk, and where in the buffer their bytes are, without checksums. */
  #sealFilled(): { pieces: Buffer[]; parts: number[] } {
    const pieces: Buffer[] = []
    const parts: number[] = []
    for (let from = 0; from < this.#filled; from += GROUP_BYTES) {
      const groupBytes = Math.min(GROUP_BYTES, this.#filled - from)
      const at = (from / GROUP_BYTES) * STORED_GROUP_BYTES
      const firstBlock = (this.#written + from) / BLOCK_BYTES
      // The bytes of a short last group stand behind room for four checksums; it has fewer.
      const skip = STORED_GROUP_BYTES - GROUP_BYTES - (storedBytes(groupBytes) - groupBytes)
      const group = this.#buffers[0]!.bytes.subarray(at + skip, at + GROUP_TABLE_BYTES + groupBytes)
      sealGroup(group, groupBytes, this.#seeds, 0, firstBlock)
      pieces.push(group)
      parts.push(at + GROUP_TABLE_BYTES, groupBytes)
    }
    return { pieces, parts }
  }
}
