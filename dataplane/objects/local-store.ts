/**
 * A byte store in a directory of this machine. Several processes may have the same directory open.
 *
 * - `packed/` volumes hold many small records. Each process appends to one of its own and never to one it found.
 *   So a torn tail left by a crash is in nobody's way: no location leads there, and it goes with its volume.
 * - `solo/` volumes hold one large record each, streamed.
 * - Records have no names and no headers; a location is volume, offset and length, and checksums are bound to those
 *   three (see blocks.ts). What is alive is known to the caller's rows only (see sweeper.ts). So there is no index
 *   here that could disagree with them, and nothing to repair at start.
 * - `put` answers after the record and the name of its volume are flushed. A process may die at any instruction: what
 *   was not answered is at worst an orphan that a sweep finds.
 * - `released/` holds hints of where a sweep should look, `processes/` says how old the oldest read of each process is.
 */
import { type Clock, systemClock } from '@pileus/kernel/clock'
import {
  type ByteRange,
  type ByteStore,
  type PutOptions,
  type ScrubOptions,
  type ScrubReport,
  SizeMismatchError,
  type StoredBytes,
  type SweepOptions,
  type SweepReport,
} from '@pileus/kernel/fabric/bytes'
import { Appender, layOutRecord } from './appender.ts'
import { createDigests, type Digests } from './digests.ts'
import { Directories } from './directories.ts'
import { type Disk, realDisk } from './disk.ts'
import { quietly } from './failures.ts'
import { EMPTY_LOCATION, formatLocation, StoreLayout } from './location.ts'
import { OpenFiles } from './open-files.ts'
import { type Piece, planPieces, readPiece, readSmallPiece } from './reader.ts'
import { ReaderLeases } from './reader-leases.ts'
import { ReleasedHints } from './released-hints.ts'
import { scrub } from './scrub.ts'
import { SoloWriter } from './solo-writer.ts'
import { drain } from './source.ts'
import { Sweeper } from './sweeper.ts'

const MIB = 1024 * 1024
const CLOSE_IDLE_FILES_MS = 60_000

export interface LocalStoreOptions {
  /** Made if it does not exist. */
  directory: string
  clock?: Clock
  disk?: Disk
  /** Records up to this many bytes are packed; each is held in memory once. 1 MiB when not given. */
  packedBytes?: number
  /** A packed volume that has reached this many bytes takes no more. 256 MiB when not given. */
  volumeBytes?: number
  /** A packed volume that was idle this long takes no more. Sweeps need twice as much grace. 10 minutes. */
  sealAfterMs?: number
  /** Longest time between looking at a row and reading its location. A minute when not given. */
  lookUpMs?: number
  /** How often this process tells others of its readers; 0 leaves it to sweeps. 5 seconds when not given. */
  renewEveryMs?: number
}

/** Opens the store in a directory. @throws when the directory cannot be made */
export async function openLocalStore(options: LocalStoreOptions): Promise<LocalByteStore> {
  const disk = options.disk ?? realDisk
  const layout = new StoreLayout(options.directory)
  const directories = new Directories(disk)
  for (const directory of [layout.packed, layout.solo, layout.released, layout.processes]) {
    await directories.ensure(directory)
  }
  const store = new LocalByteStore(options, disk, layout, directories, await createDigests())
  await store.renewLease()
  return store
}

export class LocalByteStore implements ByteStore {
  readonly #clock: Clock
  readonly #disk: Disk
  readonly #layout: StoreLayout
  readonly #directories: Directories
  readonly #packedBytes: number
  readonly #digests: Digests
  readonly #appender: Appender
  readonly #openFiles: OpenFiles
  readonly #leases: ReaderLeases
  readonly #hints: ReleasedHints
  readonly #sweeper: Sweeper
  readonly #putting = new Set<Promise<unknown>>()
  readonly #timer: NodeJS.Timeout | undefined

  /** Use `openLocalStore`. */
  constructor(options: LocalStoreOptions, disk: Disk, layout: StoreLayout, directories: Directories, digests: Digests) {
    this.#digests = digests
    const clock = options.clock ?? systemClock
    const sealAfterMs = options.sealAfterMs ?? 10 * 60_000
    this.#clock = clock
    this.#disk = disk
    this.#layout = layout
    this.#directories = directories
    this.#packedBytes = options.packedBytes ?? MIB
    const volumeBytes = options.volumeBytes ?? 256 * MIB
    this.#appender = new Appender({ disk, layout, clock, volumeBytes, sealAfterMs })
    this.#openFiles = new OpenFiles(disk, layout)
    this.#leases = new ReaderLeases(disk, layout.processes, clock)
    this.#hints = new ReleasedHints(disk, layout)
    this.#sweeper = new Sweeper({
      disk,
      layout,
      clock,
      appender: this.#appender,
      openFiles: this.#openFiles,
      leases: this.#leases,
      hints: this.#hints,
      readWhole: (location) => this.readWhole(location),
      shortestGraceMs: 2 * sealAfterMs,
      lookUpMs: options.lookUpMs ?? 60_000,
    })
    const renewEveryMs = options.renewEveryMs ?? 5000
    if (renewEveryMs > 0) this.#timer = setInterval(() => void this.renewLease(), renewEveryMs).unref()
  }

  put(source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>, options: PutOptions = {}): Promise<StoredBytes> {
    const putting = this.#put(source, options)
    const settled: Promise<unknown> = putting.then(
      () => this.#putting.delete(settled),
      () => this.#putting.delete(settled),
    )
    this.#putting.add(settled)
    return putting
  }

  async #put(source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>, options: PutOptions): Promise<StoredBytes> {
    const { expectedBytes, signal } = options
    const held: Uint8Array[] = []
    let solo: SoloWriter | undefined
    let bytes = 0
    try {
      await drain(source, signal, (chunk) => {
        bytes += chunk.length
        if (expectedBytes !== undefined && bytes > expectedBytes) throw new SizeMismatchError(expectedBytes, bytes)
        if (solo) return solo.add(chunk)
        held.push(chunk)
        if (bytes <= this.#packedBytes) return
        solo = new SoloWriter(this.#disk, this.#directories, this.#layout, this.#digests)
        return solo.start(held.splice(0))
      })
      if (expectedBytes !== undefined && bytes < expectedBytes) throw new SizeMismatchError(expectedBytes, bytes)
      const stored = solo ? await (solo as SoloWriter).finish() : await this.#putPacked(held, bytes)
      if (signal?.aborted) {
        await this.#hints.add([stored.location])
        throw signal.reason
      }
      return { bytes, ...stored }
    } catch (error) {
      await (solo as SoloWriter | undefined)?.abandon()
      throw error
    }
  }

  async #putPacked(chunks: readonly Uint8Array[], bytes: number): Promise<Stored> {
    const digest = this.#digests.of(chunks)
    if (bytes === 0) return { location: EMPTY_LOCATION, ...digest }
    return { location: await this.#appender.append(layOutRecord(chunks, bytes), bytes), ...digest }
  }

  async *read(locations: string | readonly string[], range?: ByteRange): AsyncGenerator<Buffer, void, undefined> {
    const lease = this.#leases.begin()
    try {
      for (const piece of planPieces(locations, range)) {
        const { volume } = piece.place
        const file = await this.#openFiles.enter(volume, formatLocation(piece.place))
        try {
          yield* readPiece(file, piece)
        } finally {
          await this.#openFiles.leave(volume, this.#clock.now().getTime())
        }
      }
    } finally {
      this.#leases.end(lease)
    }
  }

  async readWhole(locations: string | readonly string[], range?: ByteRange): Promise<Buffer> {
    const [piece, ...more] = planPieces(locations, range)
    if (piece && more.length === 0) return await this.#readPieceWhole(piece)
    const buffers: Buffer[] = []
    for await (const buffer of this.read(locations, range)) buffers.push(buffer)
    return buffers.length === 1 ? buffers[0]! : Buffer.concat(buffers)
  }

  /** Without the generators of `read`, which cost more than a small read does. */
  async #readPieceWhole(piece: Piece): Promise<Buffer> {
    const lease = this.#leases.begin()
    const { volume } = piece.place
    try {
      const file = await this.#openFiles.enter(volume, formatLocation(piece.place))
      try {
        const small = readSmallPiece(file, piece)
        if (small) return await small
        const buffers: Buffer[] = []
        for await (const buffer of readPiece(file, piece)) buffers.push(buffer)
        return buffers.length === 1 ? buffers[0]! : Buffer.concat(buffers)
      } finally {
        await this.#openFiles.leave(volume, this.#clock.now().getTime())
      }
    } finally {
      this.#leases.end(lease)
    }
  }

  release(locations: readonly string[]): Promise<void> {
    return this.#hints.add(locations)
  }

  async sweep(options: SweepOptions): Promise<SweepReport> {
    await this.renewLease()
    const report = await this.#sweeper.sweep(options)
    if (options.scope === 'all') await this.#disk.tidy(this.#clock.now().getTime())
    return report
  }

  scrub(options: ScrubOptions): Promise<ScrubReport> {
    return scrub(this, this.#disk, this.#layout, options)
  }

  /** Tells other processes of readers here, and closes files that nobody reads. */
  async renewLease(): Promise<void> {
    // Without it volumes are still kept for `lookUpMs` after they were found dead.
    await quietly(this.#leases.renew())
    await this.#openFiles.closeIdle(this.#clock.now().getTime(), CLOSE_IDLE_FILES_MS)
  }

  async close(): Promise<void> {
    clearInterval(this.#timer)
    await Promise.all(this.#putting)
    await this.#appender.close()
    await this.#openFiles.closeIdle(this.#clock.now().getTime(), 0)
    await this.#leases.close()
    await this.#disk.close()
  }
}

type Stored = Omit<StoredBytes, 'bytes'>
