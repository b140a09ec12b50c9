/**
 * A bucket of any S3-compatible store as a disk of the byte store. Files are objects that are written once, in parts as
 * they grow, and are there when their last flush answers; notes are small and written anew each time. What was
 * acknowledged is as durable as the store makes it. There are no directories, only names with slashes.
 */
import type { IncomingMessage } from 'node:http'
import type { Disk, DiskFile, DiskStat } from './disk.ts'
import { S3Client, S3Error, type S3Place, textsOf } from './s3-client.ts'

/** Uploads may have 10,000 parts, so files up to 80 GiB. */
const PART_BYTES = 8 * 1024 * 1024
/** How far a reader that goes on is read ahead for in one request. */
const WINDOW_BYTES = 16 * 1024 * 1024
const MAX_WINDOWS = 8
/** An upload that began this long ago is nobody's any more. */
const ABANDONED_AFTER_MS = 24 * 3_600_000

export class S3Disk implements Disk {
  readonly #client: S3Client
  readonly #prefix: string
  /** From the last listings: volumes do not change, and each need not be asked about again. */
  readonly #listed = new Map<string, DiskStat>()

  /** `prefix` stands before all names: empty, or words that end in `/`. */
  constructor(place: S3Place, prefix: string) {
    this.#client = new S3Client(place)
    this.#prefix = prefix
  }

  async create(file: string, use: 'volume' | 'note'): Promise<DiskFile> {
    const key = this.#keyOf(file)
    return use === 'note' ? new NoteFile(this.#client, key) : new VolumeFile(this.#client, key)
  }

  async open(file: string): Promise<DiskFile> {
    return new ReadFile(this.#client, this.#keyOf(file))
  }

  async append(file: string, text: string): Promise<void> {
    const before = (await this.findText(file)) ?? ''
    await this.#client.call({ method: 'PUT', key: this.#keyOf(file), body: [Buffer.from(before + text)] })
  }

  async findText(file: string): Promise<string | undefined> {
    const answer = await orUndefined(this.#client.call({ method: 'GET', key: this.#keyOf(file) }))
    return answer?.body.toString('utf8')
  }

  async findStat(file: string): Promise<DiskStat | undefined> {
    const listed = this.#listed.get(file)
    if (listed) {
      this.#listed.delete(file)
      return listed
    }
    const answer = await orUndefined(this.#client.call({ method: 'HEAD', key: this.#keyOf(file) }))
    if (!answer) return undefined
    const { 'content-length': bytes, 'last-modified': modified } = answer.headers
    return { bytes: Number(bytes), modifiedAtMs: Date.parse(modified ?? '') }
  }

  async list(directory: string): Promise<string[]> {
    const prefix = `${this.#keyOf(directory)}/`.replace(/\/+$/, '/').replace(/^\/$/, '')
    const names: string[] = []
    this.#listed.clear()
    let after = ''
    for (;;) {
      const query = {
        'list-type': '2',
        prefix,
        delimiter: '/',
        ...(after === '' ? {} : { 'continuation-token': after }),
      }
      const xml = (await this.#client.call({ method: 'GET', key: '', query })).body.toString('utf8')
      for (const [, entry = ''] of xml.matchAll(/<Contents>(.*?)<\/Contents>/gs)) {
        const name = textsOf(entry, 'Key')[0]!.slice(prefix.length)
        names.push(name)
        if (!/^[ps][0-9a-f]{20}$/.test(name)) continue
        const [size = '0'] = textsOf(entry, 'Size')
        const [modified = ''] = textsOf(entry, 'LastModified')
        this.#listed.set(`${directory}/${name}`, { bytes: Number(size), modifiedAtMs: Date.parse(modified) })
      }
      for (const [, entry = ''] of xml.matchAll(/<CommonPrefixes>(.*?)<\/CommonPrefixes>/gs)) {
        names.push(textsOf(entry, 'Prefix')[0]!.slice(prefix.length, -1))
      }
      after = textsOf(xml, 'NextContinuationToken')[0] ?? ''
      if (after === '') return names
    }
  }

  async ensureDirectory(): Promise<void> {}

  async syncDirectory(): Promise<void> {}

  async remove(file: string): Promise<void> {
    this.#listed.delete(file)
    await this.#client.call({ method: 'DELETE', key: this.#keyOf(file) })
  }

  async tidy(nowMs: number): Promise<void> {
    const query = { uploads: '', prefix: this.#prefix }
    const xml = (await this.#client.call({ method: 'GET', key: '', query })).body.toString('utf8')
    for (const [, entry = ''] of xml.matchAll(/<Upload>(.*?)<\/Upload>/gs)) {
      const [key = ''] = textsOf(entry, 'Key')
      const [uploadId = ''] = textsOf(entry, 'UploadId')
      const [initiated = ''] = textsOf(entry, 'Initiated')
      if (nowMs - Date.parse(initiated) < ABANDONED_AFTER_MS) continue
      await orUndefined(this.#client.call({ method: 'DELETE', key, query: { uploadId } }))
    }
  }

  async close(): Promise<void> {
    this.#client.close()
  }

  #keyOf(file: string): string {
    return this.#prefix + file.replace(/^\/+/, '')
  }
}

/** A small file that each write replaces. */
class NoteFile implements DiskFile {
  readonly #client: S3Client
  readonly #key: string
  constructor(client: S3Client, key: string) {
    this.#client = client
    this.#key = key
  }

  async write(buffers: readonly Buffer[]): Promise<void> {
    await this.#client.call({ method: 'PUT', key: this.#key, body: buffers })
  }

  read(): never {
    throw new Error('notes are read by name')
  }

  async sync(): Promise<void> {}

  truncate(): never {
    throw new Error('notes are not cut')
  }

  async close(): Promise<void> {}
}

/** A file that grows at its end and is there once its last flush has answered. */
class VolumeFile implements DiskFile {
  readonly #client: S3Client
  readonly #key: string
  /** Copies, because the writer uses its buffers again. */
  #held: Buffer[] = []
  #heldBytes = 0
  #bytes = 0
  #uploadId: string | undefined
  #tags: string[] = []
  #isThere = false

  constructor(client: S3Client, key: string) {
    this.#client = client
    this.#key = key
  }

  async write(buffers: readonly Buffer[], position: number): Promise<void> {
    if (position !== this.#bytes || this.#isThere) throw new Error(`${this.#key} only grows at its end`)
    for (const buffer of buffers) {
      this.#held.push(Buffer.from(buffer))
      this.#heldBytes += buffer.length
      this.#bytes += buffer.length
    }
    if (this.#heldBytes >= PART_BYTES) await this.#sendPart()
  }

  read(): never {
    throw new Error(`${this.#key} is being written`)
  }

  async sync(which: 'some' | 'last'): Promise<void> {
    if (which === 'some' || this.#isThere) return
    if (this.#uploadId === undefined) {
      await this.#client.call({ method: 'PUT', key: this.#key, body: this.#held })
    } else {
      if (this.#heldBytes > 0) await this.#sendPart()
      await this.#complete(this.#uploadId)
    }
    this.#held = []
    this.#isThere = true
  }

  truncate(): never {
    throw new Error(`${this.#key} is not cut`)
  }

  /** Also the end of a file that is given up. */
  async close(): Promise<void> {
    if (this.#isThere || this.#uploadId === undefined) return
    await this.#client.call({ method: 'DELETE', key: this.#key, query: { uploadId: this.#uploadId } })
  }

  async #sendPart(): Promise<void> {
    if (this.#uploadId === undefined) {
      const begun = await this.#client.call({ method: 'POST', key: this.#key, query: { uploads: '' } })
      const [uploadId] = textsOf(begun.body.toString('utf8'), 'UploadId')
      if (uploadId === undefined) throw new Error(`the object store began no upload of ${this.#key}`)
      this.#uploadId = uploadId
    }
    const body = this.#held
    this.#held = []
    this.#heldBytes = 0
    const query = { partNumber: String(this.#tags.length + 1), uploadId: this.#uploadId }
    const { headers } = await this.#client.call({ method: 'PUT', key: this.#key, query, body })
    this.#tags.push(headers.etag ?? '')
  }

  async #complete(uploadId: string): Promise<void> {
    const parts = this.#tags.map((tag, i) => `<Part><PartNumber>${i + 1}</PartNumber><ETag>${tag}</ETag></Part>`)
    const body = [Buffer.from(`<CompleteMultipartUpload>${parts.join('')}</CompleteMultipartUpload>`)]
    const call = { method: 'POST', key: this.#key, query: { uploadId }, body } as const
    try {
      const answer = await this.#client.call(call)
      const text = answer.body.toString('utf8')
      // The status is sent before the work is done.
      if (text.includes('<Error>')) throw new S3Error(call, 500, text)
    } catch (error) {
      // A repeated call may find that the first one had done it.
      if (!(error instanceof S3Error) || error.s3Code !== 'NoSuchUpload') throw error
      const { headers } = await this.#client.call({ method: 'HEAD', key: this.#key })
      if (Number(headers['content-length']) !== this.#bytes) throw error
    }
  }
}

/** Reads what is asked for, and by the window once a reader goes on where it was. Several may read. */
class ReadFile implements DiskFile {
  readonly #client: S3Client
  readonly #key: string
  /** Where reads have ended. */
  readonly #ends = new Set<number>()
  /** Answers under way, by where they stand. */
  readonly #windows = new Map<number, Promise<Window>>()

  constructor(client: S3Client, key: string) {
    this.#client = client
    this.#key = key
  }

  async read(buffer: Buffer, position: number): Promise<number> {
    const end = position + buffer.length
    const goesOn = this.#ends.delete(position)
    this.#ends.add(end)
    const waiting = this.#windows.get(position)
    this.#windows.delete(position)
    const opening = waiting ?? this.#open(position, goesOn ? Math.max(buffer.length, WINDOW_BYTES) : buffer.length)
    const reading = opening.then(async (window) => {
      const count = await window.fill(buffer)
      return { window, count }
    })
    // The next read may be asked for before this one has answered.
    if (goesOn) {
      const next = reading.then(({ window }) => window)
      next.catch(() => {})
      this.#windows.set(end, next)
      this.#forgetOldest()
    }
    const { window, count } = await reading
    if (!goesOn) window.destroy()
    return count
  }

  #forgetOldest(): void {
    for (const [at, window] of this.#windows) {
      if (this.#windows.size <= MAX_WINDOWS) return
      this.#windows.delete(at)
      window.then((one) => one.destroy()).catch(() => {})
    }
  }

  async #open(position: number, bytes: number): Promise<Window> {
    const headers = { range: `bytes=${position}-${position + bytes - 1}` }
    try {
      const incoming = await this.#client.open({ method: 'GET', key: this.#key, headers })
      return new Window(incoming, bytes, (at, more) => this.#reopen(position + at, more))
    } catch (error) {
      // Past the end.
      if (error instanceof S3Error && error.status === 416)
        return new Window(undefined, 0, () => Promise.resolve(undefined))
      throw error
    }
  }

  async #reopen(position: number, bytes: number): Promise<IncomingMessage | undefined> {
    const headers = { range: `bytes=${position}-${position + bytes - 1}` }
    try {
      return await this.#client.open({ method: 'GET', key: this.#key, headers })
    } catch (error) {
      if (error instanceof S3Error && error.status === 416) return undefined
      throw error
    }
  }

  write(): never {
    throw new Error(`${this.#key} is open for reading`)
  }

  async sync(): Promise<void> {}

  truncate(): never {
    throw new Error(`${this.#key} is open for reading`)
  }

  async close(): Promise<void> {
    for (const window of this.#windows.values()) window.then((one) => one.destroy()).catch(() => {})
    this.#windows.clear()
  }
}

type Reopen = (at: number, bytes: number) => Promise<IncomingMessage | undefined>

/** One answer that is read piece by piece, and another after its end. */
class Window {
  #incoming: IncomingMessage | undefined
  #chunks: AsyncIterator<Buffer> | undefined
  #rest: Buffer = Buffer.alloc(0)
  /** Bytes taken since the first answer began, and where the present one ends. */
  #at = 0
  #end: number
  readonly #reopen: Reopen

  constructor(incoming: IncomingMessage | undefined, bytes: number, reopen: Reopen) {
    this.#use(incoming)
    this.#end = bytes
    this.#reopen = reopen
  }

  /** Gives the number of bytes, fewer than fit only at the end of the file. */
  async fill(buffer: Buffer): Promise<number> {
    let filled = 0
    while (filled < buffer.length) {
      if (this.#rest.length === 0 && !(await this.#more(buffer.length - filled))) break
      const count = this.#rest.copy(buffer, filled)
      this.#rest = this.#rest.subarray(count)
      filled += count
      this.#at += count
    }
    return filled
  }

  async #more(wanted: number): Promise<boolean> {
    const next = await this.#chunks?.next()
    if (next && !next.done) {
      this.#rest = next.value
      return true
    }
    if (!next || this.#at < this.#end) return false
    const bytes = Math.max(wanted, WINDOW_BYTES)
    this.#use(await this.#reopen(this.#at, bytes))
    this.#end = this.#at + bytes
    return this.#incoming !== undefined && (await this.#more(wanted))
  }

  #use(incoming: IncomingMessage | undefined): void {
    this.#incoming = incoming
    this.#chunks = (incoming as AsyncIterable<Buffer> | undefined)?.[Symbol.asyncIterator]()
  }

  destroy(): void {
    this.#incoming?.destroy()
  }
}

async function orUndefined<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work
  } catch (error) {
    if (error instanceof S3Error && error.status === 404) return undefined
    throw error
  }
}
