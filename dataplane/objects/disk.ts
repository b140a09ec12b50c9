import fs, { constants } from 'node:fs'
import path from 'node:path'

/**
 * The few things the byte store asks of a disk, so that tests can put a failing one in its place. Paths are absolute.
 * Failures carry Node's `code` (`ENOSPC`, `ENOENT` …).
 */
export interface Disk {
  /** Makes a new file for writing and reading: a volume, or a note that is small and written again and again. @throws EEXIST */
  create(file: string, use: 'volume' | 'note'): Promise<DiskFile>
  /** Opens for reading. @throws ENOENT */
  open(file: string): Promise<DiskFile>
  /** Adds to the end of a file, in one write; makes the file if need be. Not durable. */
  append(file: string, text: string): Promise<void>
  findText(file: string): Promise<string | undefined>
  findStat(file: string): Promise<DiskStat | undefined>
  /** Names in a directory; none if it does not exist. */
  list(directory: string): Promise<string[]>
  /** Makes the directory and those above it, durably, even if another process has made it a moment ago. */
  ensureDirectory(directory: string): Promise<void>
  /** Makes names in the directory durable. */
  syncDirectory(directory: string): Promise<void>
  /** Removes a file if it is there. Whoever has it open keeps reading it. */
  remove(file: string): Promise<void>
  /** Gives back what interrupted writing has left where names do not show it. */
  tidy(nowMs: number): Promise<void>
  close(): Promise<void>
}

export interface DiskFile {
  /** Writes all the buffers one after the other, from `position` on. */
  write(buffers: readonly Buffer[], position: number): Promise<void>
  /** Fills the buffer from `position` on; gives the number of bytes, fewer than asked only at the end of the file. */
  read(buffer: Buffer, position: number): Promise<number>
  /** Answers when everything written before survives a power failure. After the `last` time nothing is written. */
  sync(which: 'some' | 'last'): Promise<void>
  truncate(bytes: number): Promise<void>
  close(): Promise<void>
}

export interface DiskStat {
  bytes: number
  modifiedAtMs: number
}

/** The disk of this machine. */
export const realDisk: Disk = {
  create: async (file) => new RealFile(await openFile(file, constants.O_CREAT | constants.O_EXCL | constants.O_RDWR)),
  open: async (file) => new RealFile(await openFile(file, constants.O_RDONLY)),
  append: (file, text) => fs.promises.appendFile(file, text, { mode: 0o600 }),
  findText: (file) => orUndefined(fs.promises.readFile(file, 'utf8')),
  async findStat(file) {
    const stat = await orUndefined(fs.promises.stat(file))
    return stat && { bytes: stat.size, modifiedAtMs: stat.mtimeMs }
  },
  list: async (directory) => (await orUndefined(fs.promises.readdir(directory))) ?? [],
  async ensureDirectory(directory) {
    const first = (await fs.promises.mkdir(directory, { recursive: true, mode: 0o700 })) ?? directory
    for (let made = directory; made.length >= first.length; made = path.dirname(made)) {
      await realDisk.syncDirectory(path.dirname(made))
    }
  },
  async syncDirectory(directory) {
    // Windows opens no directories; names are journalled there.
    if (process.platform === 'win32') return
    const handle = await fs.promises.open(directory, 'r')
    try {
      await handle.sync()
    } finally {
      await handle.close()
    }
  },
  remove: (file) => fs.promises.rm(file, { force: true }),
  tidy: async () => {},
  close: async () => {},
}

/** Callbacks rather than `FileHandle`: the promise version costs about as much again as a small cached read. */
class RealFile implements DiskFile {
  readonly #fd: number
  constructor(fd: number) {
    this.#fd = fd
  }

  async write(buffers: readonly Buffer[], position: number): Promise<void> {
    let rest = buffers.filter((buffer) => buffer.length > 0)
    let at = position
    while (rest.length > 0) {
      const written = await this.#writeSome(rest, at)
      at += written
      rest = withoutFirst(rest, written)
    }
  }

  #writeSome(buffers: readonly Buffer[], position: number): Promise<number> {
    return new Promise((resolve, reject) => {
      fs.writev(this.#fd, buffers, position, (error, written) => (error ? reject(error) : resolve(written)))
    })
  }

  async read(buffer: Buffer, position: number): Promise<number> {
    let filled = 0
    while (filled < buffer.length) {
      const count = await this.#readSome(buffer, filled, position + filled)
      if (count === 0) break
      filled += count
    }
    return filled
  }

  #readSome(buffer: Buffer, from: number, position: number): Promise<number> {
    return new Promise((resolve, reject) => {
      fs.read(this.#fd, buffer, from, buffer.length - from, position, (error, count) =>
        error ? reject(error) : resolve(count),
      )
    })
  }

  sync(): Promise<void> {
    return new Promise((resolve, reject) => fs.fdatasync(this.#fd, (error) => (error ? reject(error) : resolve())))
  }

  truncate(bytes: number): Promise<void> {
    return new Promise((resolve, reject) =>
      fs.ftruncate(this.#fd, bytes, (error) => (error ? reject(error) : resolve())),
    )
  }

  close(): Promise<void> {
    return new Promise((resolve, reject) => fs.close(this.#fd, (error) => (error ? reject(error) : resolve())))
  }
}

function openFile(file: string, flags: number): Promise<number> {
  return new Promise((resolve, reject) =>
    fs.open(file, flags, 0o600, (error, fd) => (error ? reject(error) : resolve(fd))),
  )
}

function withoutFirst(buffers: readonly Buffer[], bytes: number): Buffer[] {
  let skip = bytes
  let i = 0
  while (i < buffers.length && skip >= buffers[i]!.length) skip -= buffers[i++]!.length
  const rest = buffers.slice(i)
  if (skip > 0) rest[0] = rest[0]!.subarray(skip)
  return rest
}

async function orUndefined<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined
    throw error
  }
}

/** Node's `code` of an error, if it has one. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}
