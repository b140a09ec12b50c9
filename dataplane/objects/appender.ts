/**
 * Appends small records to the packed volume of this process. Records that arrive while a flush is under way are
 * written and flushed together by the next one, so that many small puts share a flush (group commit).
 *
 * A volume that failed once is never appended to again: after a failed flush nobody knows which pages reached the
 * disk. It is cut back to what was acknowledged. A volume is also left for good when it has been idle for
 * `sealAfterMs`: sweeps take a volume that has not changed for much longer as closed and may remove it.
 */
import type { Clock } from '@pileus/kernel/clock'
import { BLOCK_BYTES, BlockSeeds, GROUP_BYTES, sealGroup, storedBytes, tableBytes } from './blocks.ts'
import type { Disk, DiskFile } from './disk.ts'
import { asPutError, quietly } from './failures.ts'
import { formatLocation, newVolume, type StoreLayout } from './location.ts'

const BATCH_BYTES = 16 * 1024 * 1024
const BATCH_RECORDS = 512
/** Keeps the list of a volume's live locations small enough to hold in memory. */
const VOLUME_RECORDS = 100_000

interface Pending {
  bytes: number
  /** As on disk, with the checksums' room still empty. */
  record: Buffer
  resolve(location: string): void
  reject(error: unknown): void
}

interface OpenVolume {
  name: string
  file: DiskFile
  seeds: BlockSeeds
  /** Bytes that are durable. */
  bytes: number
  records: number
  lastUsedMs: number
}

export interface AppenderOptions {
  disk: Disk
  layout: StoreLayout
  clock: Clock
  volumeBytes: number
  sealAfterMs: number
}

export class Appender {
  readonly #options: AppenderOptions
  #queue: Pending[] = []
  #running: Promise<void> | undefined
  #volume: OpenVolume | undefined

  constructor(options: AppenderOptions) {
    this.#options = options
  }

  /** Answers with the location once the record is durable. @throws NoSpaceError */
  append(record: Buffer, bytes: number): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ bytes, record, resolve, reject })
      this.#running ??= this.#run()
    })
  }

  async close(): Promise<void> {
    await this.#running
    const volume = this.#volume
    this.#volume = undefined
    if (volume) await quietly(volume.file.close())
  }

  async #run(): Promise<void> {
    // Puts that start in the same turn go out together.
    await Promise.resolve()
    while (this.#queue.length > 0) {
      const batch = this.#takeBatch()
      try {
        const locations = await this.#commit(batch)
        for (const [i, pending] of batch.entries()) pending.resolve(locations[i]!)
      } catch (error) {
        await this.#abandonVolume()
        for (const pending of batch) pending.reject(asPutError(error))
      }
    }
    this.#running = undefined
  }

  #takeBatch(): Pending[] {
    let count = 0
    let bytes = 0
    while (count < this.#queue.length && count < BATCH_RECORDS && bytes < BATCH_BYTES) {
      bytes += this.#queue[count++]!.record.length
    }
    return this.#queue.splice(0, count)
  }

  async #commit(batch: readonly Pending[]): Promise<string[]> {
    const startedMs = this.#nowMs()
    const volume = await this.#ensureVolume(startedMs)
    let offset = volume.bytes
    const locations = batch.map(({ record, bytes }) => {
      const location = formatLocation({ volume: volume.name, offset, bytes })
      sealRecord(record, bytes, volume.seeds, offset)
      offset += record.length
      return location
    })
    await volume.file.write(
      batch.map((pending) => pending.record),
      volume.bytes,
    )
    await volume.file.sync('some')
    const endedMs = this.#nowMs()
    // A process that was suspended here for long may find its volume removed meanwhile.
    if (endedMs - startedMs > this.#options.sealAfterMs) throw new Error('writing took too long to be trusted')
    volume.bytes = offset
    volume.records += batch.length
    volume.lastUsedMs = endedMs
    return locations
  }

  async #ensureVolume(nowMs: number): Promise<OpenVolume> {
    const { volumeBytes, sealAfterMs, disk, layout } = this.#options
    const current = this.#volume
    if (current) {
      const idleMs = nowMs - current.lastUsedMs
      const usable = idleMs >= 0 && idleMs <= sealAfterMs
      if (usable && current.bytes < volumeBytes && current.records < VOLUME_RECORDS) return current
      this.#volume = undefined
      await quietly(current.file.close())
    }
    const name = newVolume('packed')
    const file = await disk.create(layout.fileOf(name), 'volume')
    this.#volume = { name, file, seeds: new BlockSeeds(name), bytes: 0, records: 0, lastUsedMs: nowMs }
    await disk.syncDirectory(layout.directoryOf(name))
    return this.#volume
  }

  async #abandonVolume(): Promise<void> {
    const volume = this.#volume
    if (!volume) return
    this.#volume = undefined
    const { disk, layout } = this.#options
    if (volume.bytes === 0) await quietly(disk.remove(layout.fileOf(volume.name)))
    else await quietly(volume.file.truncate(volume.bytes))
    await quietly(volume.file.close())
  }

  #nowMs(): number {
    return this.#options.clock.now().getTime()
  }
}

/** Lays `bytes` bytes out as a record, in groups, with room for their checksums. */
export function layOutRecord(chunks: readonly Uint8Array[], bytes: number): Buffer {
  const record = Buffer.allocUnsafe(storedBytes(bytes))
  let at = 0
  let groupFrom = 0
  let groupLeft = 0
  for (const chunk of chunks) {
    for (let from = 0; from < chunk.length; ) {
      if (groupLeft === 0) {
        groupLeft = Math.min(GROUP_BYTES, bytes - groupFrom)
        groupFrom += groupLeft
        at += tableBytes(groupLeft)
      }
      const count = Math.min(groupLeft, chunk.length - from)
      record.set(chunk.subarray(from, from + count), at)
      at += count
      from += count
      groupLeft -= count
    }
  }
  return record
}

function sealRecord(record: Buffer, bytes: number, seeds: BlockSeeds, offset: number): void {
  let firstBlock = 0
  for (let from = 0; from < bytes; from += GROUP_BYTES) {
    const groupBytes = Math.min(GROUP_BYTES, bytes - from)
    const at = storedBytes(from)
    sealGroup(record.subarray(at, at + storedBytes(groupBytes)), groupBytes, seeds, offset, firstBlock)
    firstBlock += Math.ceil(groupBytes / BLOCK_BYTES)
  }
}
