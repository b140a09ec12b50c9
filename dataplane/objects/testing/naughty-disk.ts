import path from 'node:path'
import type { Clock } from '@pileus/kernel/clock'
import type { Disk, DiskFile, DiskStat } from '../disk.ts'

/** Every call after the power went. */
export class PowerLostError extends Error {}

interface Content {
  /** As everybody reads it now. */
  now: Buffer
  /** As it was at the last flush. */
  flushed: Buffer
  modifiedAtMs: number
}

type Fault = { kind: 'power' } | { kind: 'error'; code: string }

const SECTOR_BYTES = 512

/**
 * A disk in memory that does what disks may do: the nth change from now fails, half done, with an error or because the
 * power goes; and what was not flushed is then there, or not, or in part, by the random numbers given.
 */
export class NaughtyDisk implements Disk {
  readonly #clock: Clock
  readonly #random: () => number
  readonly #names: Map<string, Content>
  readonly #flushedNames: Map<string, Content>
  #fault: { afterChanges: number; fault: Fault } | undefined
  #powerLost = false
  #full = false
  #hasFailed = false

  constructor(clock: Clock, random: () => number, contents: ReadonlyMap<string, Buffer> = new Map()) {
    this.#clock = clock
    this.#random = random
    const entries = [...contents].map(([name, bytes]): [string, Content] => [
      name,
      { now: bytes, flushed: bytes, modifiedAtMs: clock.now().getTime() },
    ])
    this.#names = new Map(entries)
    this.#flushedNames = new Map(entries)
  }

  get powerLost(): boolean {
    return this.#powerLost
  }

  /** Whether something has failed or is about to. */
  get isFaulty(): boolean {
    return this.#powerLost || this.#hasFailed || this.#fault !== undefined
  }

  /** Whether writes that make files grow fail with ENOSPC. */
  set full(full: boolean) {
    this.#full = full
  }

  failAfter(changes: number, fault: Fault): void {
    this.#hasFailed = false
    this.#fault = { afterChanges: changes, fault }
  }

  /** Contents of files by path; tests damage them in place. */
  contentOf(file: string): Buffer {
    const content = this.#names.get(file)
    if (!content) throw new Error(`no file ${file}`)
    return content.now
  }

  fileNames(): string[] {
    return [...this.#names.keys()]
  }

  /** The disk as it may look when the power is back. */
  afterPowerLoss(): NaughtyDisk {
    this.#powerLost = true
    const left = new Map<string, Buffer>()
    for (const name of new Set([...this.#names.keys(), ...this.#flushedNames.keys()])) {
      const now = this.#names.get(name)
      const flushed = this.#flushedNames.get(name)
      const content = now === flushed || this.#random() < 0.5 ? now : flushed
      if (content) left.set(name, this.#mixed(content))
    }
    return new NaughtyDisk(this.#clock, this.#random, left)
  }

  /** Each sector is the flushed one or the written one; the end of the file is either end. */
  #mixed({ now, flushed }: Content): Buffer {
    const mixed = Buffer.alloc(this.#random() < 0.5 ? now.length : flushed.length)
    for (let at = 0; at < mixed.length; at += SECTOR_BYTES) {
      const end = Math.min(at + SECTOR_BYTES, mixed.length)
      const source = this.#random() < 0.5 ? now : flushed
      if (at < source.length) source.copy(mixed, at, at, end)
    }
    return mixed
  }

  /** Gives the error to throw, if this change is the one to fail. */
  #nextFault(): Error | undefined {
    if (this.#powerLost) return new PowerLostError('the power is gone')
    if (!this.#fault || this.#fault.afterChanges-- > 0) return undefined
    const { fault } = this.#fault
    this.#fault = undefined
    this.#hasFailed = true
    if (fault.kind === 'error') return Object.assign(new Error(fault.code), { code: fault.code })
    this.#powerLost = true
    return new PowerLostError('the power goes')
  }

  async #change(): Promise<void> {
    await this.#turn()
    const fault = this.#nextFault()
    if (fault) throw fault
  }

  /** Real disks answer later; so others run in between. */
  async #turn(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve))
    if (this.#powerLost) throw new PowerLostError('the power is gone')
  }

  async create(file: string): Promise<DiskFile> {
    await this.#change()
    if (this.#names.has(file)) throw Object.assign(new Error('EEXIST'), { code: 'EEXIST' })
    const content: Content = { now: Buffer.alloc(0), flushed: Buffer.alloc(0), modifiedAtMs: this.#nowMs() }
    this.#names.set(file, content)
    return this.#handle(content)
  }

  async open(file: string): Promise<DiskFile> {
    await this.#turn()
    const content = this.#names.get(file)
    if (!content) throw Object.assign(new Error('ENOENT'), { code: 'ENOENT' })
    return this.#handle(content)
  }

  async append(file: string, text: string): Promise<void> {
    await this.#change()
    const content = this.#names.get(file) ?? { now: Buffer.alloc(0), flushed: Buffer.alloc(0), modifiedAtMs: 0 }
    this.#write(content, Buffer.from(text), content.now.length)
    this.#names.set(file, content)
  }

  async findText(file: string): Promise<string | undefined> {
    await this.#turn()
    return this.#names.get(file)?.now.toString()
  }

  async findStat(file: string): Promise<DiskStat | undefined> {
    await this.#turn()
    const content = this.#names.get(file)
    return content && { bytes: content.now.length, modifiedAtMs: content.modifiedAtMs }
  }

  async list(directory: string): Promise<string[]> {
    await this.#turn()
    const within = `${directory}/`
    const found = [...this.#names.keys()].filter((name) => name.startsWith(within))
    return [...new Set(found.map((name) => name.slice(within.length).split('/', 1)[0]!))]
  }

  async ensureDirectory(): Promise<void> {
    await this.#change()
  }

  async syncDirectory(directory: string): Promise<void> {
    await this.#change()
    for (const name of new Set([...this.#names.keys(), ...this.#flushedNames.keys()])) {
      if (path.dirname(name) !== directory) continue
      const content = this.#names.get(name)
      if (content) this.#flushedNames.set(name, content)
      else this.#flushedNames.delete(name)
    }
  }

  async remove(file: string): Promise<void> {
    await this.#change()
    this.#names.delete(file)
  }

  async tidy(): Promise<void> {}

  async close(): Promise<void> {}

  #handle(content: Content): DiskFile {
    return {
      write: async (buffers, position) => {
        await this.#turn()
        const bytes = Buffer.concat(buffers)
        const fault = this.#nextFault()
        this.#write(content, fault ? bytes.subarray(0, Math.floor(this.#random() * bytes.length)) : bytes, position)
        if (fault) throw fault
      },
      read: async (buffer, position) => {
        await this.#turn()
        return position < content.now.length ? content.now.copy(buffer, 0, position) : 0
      },
      sync: async () => {
        const flushing = Buffer.from(content.now)
        await this.#change()
        content.flushed = flushing
      },
      truncate: async (bytes) => {
        await this.#change()
        content.now = content.now.subarray(0, bytes)
      },
      close: async () => {},
    }
  }

  #write(content: Content, bytes: Buffer, position: number): void {
    const end = Math.max(content.now.length, position + bytes.length)
    if (this.#full && end > content.now.length) throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' })
    const next = Buffer.alloc(end)
    content.now.copy(next)
    bytes.copy(next, position)
    content.now = next
    content.modifiedAtMs = this.#nowMs()
  }

  #nowMs(): number {
    return this.#clock.now().getTime()
  }
}
