/**
 * Frees space. The caller's rows say what lives; nothing here is remembered that they could not tell again.
 *
 * 1. A volume that nobody has written to for `graceMs` (so every record in it was recorded or never will be), or a solo
 *    volume that was released, is asked about with `listLive`.
 * 2. No live bytes: it is condemned, in memory, with the time. Nothing on disk changes.
 * 3. Few live bytes: they are put again elsewhere, `move` changes the rows, and the volume is condemned once `listLive`
 *    agrees. If the process dies on the way, either the copies or the originals have no row, and a later sweep finds
 *    them.
 * 4. A condemned volume is removed by a later sweep, when `listLive` still knows nothing in it and every read that
 *    began before, with a margin for the time between looking at a row and reading, has ended in every process.
 *
 * The second question catches a row that copied the location while it was being moved or released.
 */
import type { Clock } from '@pileus/kernel/clock'
import {
  CorruptBytesError,
  MissingBytesError,
  type Move,
  NoSpaceError,
  type SweepOptions,
  type SweepReport,
} from '@pileus/kernel/fabric/bytes'
import { type Appender, layOutRecord } from './appender.ts'
import { storedBytes } from './blocks.ts'
import type { Disk } from './disk.ts'
import { kindOf, parseLocation, type StoreLayout } from './location.ts'
import type { OpenFiles } from './open-files.ts'
import type { ReaderLeases } from './reader-leases.ts'
import type { ReleasedHints } from './released-hints.ts'
import { batchVolumes, groupLive, listVolumeBatches } from './volumes.ts'

const HOUR_MS = 60 * 60_000
const MOVE_BYTES = 4 * 1024 * 1024
const MOVE_RECORDS = 256

export interface SweeperParts {
  disk: Disk
  layout: StoreLayout
  clock: Clock
  appender: Appender
  openFiles: OpenFiles
  leases: ReaderLeases
  hints: ReleasedHints
  readWhole: (location: string) => Promise<Buffer>
  /** Shortest `graceMs` that is safe beside processes that append. */
  shortestGraceMs: number
  /** Longest time between looking at a row and reading its location. */
  lookUpMs: number
}

interface Sweep extends SweepOptions {
  graceMs: number
  moveBelowLiveShare: number
  report: SweepReport
  quietSinceMs: number | undefined
  /** No room for copies; volumes that need none are still removed. */
  diskFull: boolean
}

export class Sweeper {
  readonly #parts: SweeperParts
  /** When a volume was found without live bytes. */
  readonly #condemned = new Map<string, number>()
  #last: Promise<unknown> = Promise.resolve()

  constructor(parts: SweeperParts) {
    this.#parts = parts
  }

  /** One sweep at a time in one process: two would move the same bytes twice. */
  sweep(options: SweepOptions): Promise<SweepReport> {
    const run = this.#last.then(() => this.#sweep(options))
    this.#last = run.catch(() => {})
    return run
  }

  async #sweep(options: SweepOptions): Promise<SweepReport> {
    const { shortestGraceMs, leases, hints, disk, layout } = this.#parts
    const graceMs = options.graceMs ?? HOUR_MS
    if (graceMs < shortestGraceMs) throw new RangeError(`graceMs must be at least ${shortestGraceMs}`)
    const sweep: Sweep = {
      ...options,
      graceMs,
      moveBelowLiveShare: options.moveBelowLiveShare ?? 0.5,
      quietSinceMs: await leases.findQuietSince(),
      diskFull: false,
      report: { volumesSeen: 0, volumesRemoved: 0, bytesFreed: 0, bytesMoved: 0, volumesWaiting: 0 },
    }
    const batches =
      options.scope === 'all'
        ? listVolumeBatches(disk, layout)
        : batchVolumes([...new Set([...(await hints.listVolumes()), ...this.#condemned.keys()])])
    for await (const batch of batches) await this.#visit(sweep, batch)
    if (options.scope === 'all') await this.#forgetStaleHints()
    return sweep.report
  }

  async #visit(sweep: Sweep, batch: readonly string[]): Promise<void> {
    const sizes = new Map<string, number>()
    for (const volume of batch) {
      const bytes = await this.#findSizeIfDue(sweep, volume)
      if (bytes !== undefined) sizes.set(volume, bytes)
    }
    if (sizes.size === 0) return
    sweep.signal?.throwIfAborted()
    const live = await groupLive(sweep.listLive, [...sizes.keys()])
    for (const [volume, bytes] of sizes) {
      sweep.signal?.throwIfAborted()
      sweep.report.volumesSeen++
      const locations = live.get(volume)!
      if (locations.length === 0) await this.#removeOrCondemn(sweep, volume, bytes)
      else await this.#keepOrMove(sweep, volume, bytes, locations)
    }
  }

  /** Size of a volume that is worth asking about. */
  async #findSizeIfDue(sweep: Sweep, volume: string): Promise<number | undefined> {
    const { disk, layout, hints } = this.#parts
    const stat = await disk.findStat(layout.fileOf(volume))
    if (!stat) {
      this.#condemned.delete(volume)
      await hints.remove(volume)
      return undefined
    }
    const old = this.#nowMs() - stat.modifiedAtMs > sweep.graceMs
    if (sweep.scope === 'all') return old ? stat.bytes : undefined
    // A solo volume holds one record: that it was released means that it was recorded.
    if (kindOf(volume) === 'solo') return stat.bytes
    if (!old) return undefined
    if (this.#condemned.has(volume)) return stat.bytes
    const dead = await hints.estimateDeadBytes(volume)
    return dead >= stat.bytes * (1 - sweep.moveBelowLiveShare) ? stat.bytes : undefined
  }

  async #removeOrCondemn(sweep: Sweep, volume: string, bytes: number): Promise<void> {
    const { disk, layout, hints, openFiles, lookUpMs } = this.#parts
    const condemnedAtMs = this.#condemned.get(volume)
    if (condemnedAtMs === undefined) this.#condemned.set(volume, this.#nowMs())
    if (condemnedAtMs === undefined || !(condemnedAtMs + lookUpMs < (sweep.quietSinceMs ?? 0))) {
      sweep.report.volumesWaiting++
      return
    }
    await disk.remove(layout.fileOf(volume))
    await openFiles.drop(volume)
    await hints.remove(volume)
    this.#condemned.delete(volume)
    sweep.report.volumesRemoved++
    sweep.report.bytesFreed += bytes
  }

  async #keepOrMove(sweep: Sweep, volume: string, bytes: number, locations: readonly string[]): Promise<void> {
    const { hints } = this.#parts
    this.#condemned.delete(volume)
    const liveBytes = locations.reduce((sum, location) => sum + storedBytes(parseLocation(location).bytes), 0)
    if (kindOf(volume) === 'solo' || liveBytes > bytes * sweep.moveBelowLiveShare) return hints.remove(volume)
    for (const batch of batchMoves(locations)) {
      if (sweep.diskFull) return
      sweep.signal?.throwIfAborted()
      await this.#move(sweep, batch)
    }
    if ((await sweep.listLive([volume])).length > 0) return
    this.#condemned.set(volume, this.#nowMs())
    sweep.report.volumesWaiting++
    // So that a `released` sweep after a restart looks here again.
    await hints.add(locations)
  }

  async #move(sweep: Sweep, locations: readonly string[]): Promise<void> {
    const { appender, readWhole } = this.#parts
    const copies = await Promise.allSettled(
      locations.map(async (from): Promise<Move> => {
        const bytes = await readWhole(from)
        return { from, to: await appender.append(layOutRecord([bytes], bytes.length), bytes.length) }
      }),
    )
    const moves: Move[] = []
    for (const [i, copy] of copies.entries()) {
      if (copy.status === 'fulfilled') moves.push(copy.value)
      else if (copy.reason instanceof CorruptBytesError) {
        sweep.onCorrupt?.({ location: locations[i]!, reason: copy.reason.message })
      } else if (copy.reason instanceof NoSpaceError) sweep.diskFull = true
      else if (!(copy.reason instanceof MissingBytesError)) throw copy.reason
    }
    if (moves.length === 0) return
    await sweep.move(moves)
    for (const { to } of moves) sweep.report.bytesMoved += parseLocation(to).bytes
  }

  async #forgetStaleHints(): Promise<void> {
    const { disk, layout, hints } = this.#parts
    for (const volume of await hints.listVolumes()) {
      if (!(await disk.findStat(layout.fileOf(volume)))) await hints.remove(volume)
    }
  }

  #nowMs(): number {
    return this.#parts.clock.now().getTime()
  }
}

function* batchMoves(locations: readonly string[]): Generator<string[]> {
  let batch: string[] = []
  let bytes = 0
  for (const location of locations) {
    batch.push(location)
    bytes += parseLocation(location).bytes
    if (batch.length < MOVE_RECORDS && bytes < MOVE_BYTES) continue
    yield batch
    batch = []
    bytes = 0
  }
  if (batch.length > 0) yield batch
}
