/**
 * How processes that share a store know of each other's readers. Each keeps a small file that says how long its oldest
 * read has been going on, and renews it every few seconds. A volume is removed only when every read that began before
 * it was found dead has ended.
 *
 * A process that has not renewed its file for long counts as gone. If it was only suspended, its readers may find their
 * volume missing, which is an error to them, never wrong bytes: names of volumes are not used twice.
 */
import { randomBytes } from 'node:crypto'
import path from 'node:path'
import type { Clock } from '@pileus/kernel/clock'
import type { Disk, DiskFile } from './disk.ts'
import { quietly } from './failures.ts'

const GONE_AFTER_MS = 5 * 60_000

/** A read that goes on. */
export interface ReadLease {
  readonly startedAtMs: number
}

export class ReaderLeases {
  readonly #disk: Disk
  readonly #directory: string
  readonly #clock: Clock
  readonly #name = randomBytes(8).toString('hex')
  /** In order of their start. */
  readonly #leases = new Set<ReadLease>()
  #file: DiskFile | undefined
  #renewing: Promise<void> | undefined

  constructor(disk: Disk, directory: string, clock: Clock) {
    this.#disk = disk
    this.#directory = directory
    this.#clock = clock
  }

  begin(): ReadLease {
    const lease = { startedAtMs: this.#nowMs() }
    this.#leases.add(lease)
    return lease
  }

  end(lease: ReadLease): void {
    this.#leases.delete(lease)
  }

  /** Tells the others. On a full disk the file keeps its blocks and can still be renewed. */
  renew(): Promise<void> {
    this.#renewing ??= this.#write().finally(() => {
      this.#renewing = undefined
    })
    return this.#renewing
  }

  async #write(): Promise<void> {
    const file = path.join(this.#directory, this.#name)
    if (this.#file && !(await this.#disk.findStat(file))) {
      await quietly(this.#file.close())
      this.#file = undefined
    }
    this.#file ??= await this.#disk.create(file, 'note')
    const text = `${this.#nowMs()} ${this.#oldestMs()}`.padEnd(63)
    await this.#file.write([Buffer.from(`${text}\n`)], 0)
  }

  /**
   * Every read that began before this moment, in any process, has ended. Undefined if a process has not yet told.
   * Takes away what processes that are gone have left.
   */
  async findQuietSince(): Promise<number | undefined> {
    const nowMs = this.#nowMs()
    let quietSince = this.#oldestMs()
    for (const name of await this.#disk.list(this.#directory)) {
      if (name === this.#name) continue
      const file = path.join(this.#directory, name)
      const [renewedAtMs, oldestMs] = ((await this.#disk.findText(file)) ?? '').trim().split(' ').map(Number)
      if (renewedAtMs === undefined || oldestMs === undefined || Number.isNaN(renewedAtMs + oldestMs)) {
        const stat = await this.#disk.findStat(file)
        if (!stat) continue
        if (nowMs - stat.modifiedAtMs <= GONE_AFTER_MS) return undefined
        await this.#disk.remove(file)
      } else if (nowMs - renewedAtMs > GONE_AFTER_MS) await this.#disk.remove(file)
      else quietSince = Math.min(quietSince, oldestMs)
    }
    return quietSince
  }

  async close(): Promise<void> {
    if (this.#renewing) await quietly(this.#renewing)
    if (!this.#file) return
    await quietly(this.#disk.remove(path.join(this.#directory, this.#name)))
    await quietly(this.#file.close())
    this.#file = undefined
  }

  #oldestMs(): number {
    for (const lease of this.#leases) return lease.startedAtMs
    return this.#nowMs()
  }

  #nowMs(): number {
    return this.#clock.now().getTime()
  }
}
