/**
 * Where customers' bytes live. A byte store knows no bucket, no key and no SQL: it takes a stream, answers with an
 * opaque location, and gives the same bytes back or an error, never other bytes.
 *
 * The rows of the caller are the truth about what is alive:
 * - A location that is recorded in a committed row keeps its bytes for ever. It has to be recorded within
 *   `SweepOptions.graceMs` of the moment `put` answered; what is not recorded by then is an orphan and is swept.
 * - `release` is a hint that makes space free sooner. Forgetting it, repeating it, or giving it a location that is
 *   still recorded does no harm: before bytes are removed, `listLive` is asked again.
 * - Several rows may hold the same location (a copy by reference). It is alive as long as one of them is. Whoever
 *   copies it keeps the row it was copied from locked (`FOR SHARE`) until the new row is committed.
 * - Bytes move when a volume is mostly dead: the `move` callback then changes the rows. So a row is read shortly
 *   before `read` is called, and a `MissingBytesError` is answered by reading the row once more.
 *
 * A location is `<volume>.<rest>`, at most 64 characters of `[a-z0-9.]`. `volumeOf` gives the part before the first
 * dot, which callers index: in SQL `split_part(location, '.', 1)`.
 *
 * Large objects (multipart, append) are lists of locations; the caller keeps their order and joins their checksums.
 */

export interface PutOptions {
  /** Refuses, with `SizeMismatchError`, a source that gives more or fewer bytes. */
  expectedBytes?: number
  /** Abort leaves nothing behind; `put` then rejects with the signal's reason. */
  signal?: AbortSignal
}

/** What is known of bytes that have reached the disk. */
export interface StoredBytes {
  location: string
  bytes: number
  /** 32 lowercase hex digits. */
  md5Hex: string
  /** CRC-64/XZ as an unsigned decimal number, as the `x-oss-hash-crc64ecma` header has it. */
  crc64: string
}

/** Bytes `offset` to `offset + length - 1`. */
export interface ByteRange {
  offset: number
  length: number
}

/** Recorded locations whose `volumeOf` is one of `volumes`, each once, in any order. Must see all committed rows. */
export type ListLive = (volumes: readonly string[]) => Promise<readonly string[]>

export interface Move {
  from: string
  to: string
}

export interface SweepOptions {
  listLive: ListLive
  /**
   * Puts `to` in place of `from` in every row that holds `from`, in one transaction. Rows that hold `from` no longer
   * are left alone; nothing has to be done about their `to`.
   */
  move: (moves: readonly Move[]) => Promise<void>
  /**
   * `released` looks only at volumes that `release` has named: cheap, for every minute. `all` looks at every volume
   * and so finds orphans: for every night.
   */
  scope: 'released' | 'all'
  /** Longest time from the answer of `put` to the commit of the row, with a wide margin. An hour when not given. */
  graceMs?: number
  /** Volumes with no more than this share of live bytes are emptied by moving what lives. 0.5 when not given. */
  moveBelowLiveShare?: number
  /** Live bytes that could not be moved, because they are damaged. Their volume stays. */
  onCorrupt?: (corrupt: CorruptLocation) => void
  signal?: AbortSignal
}

export interface SweepReport {
  volumesSeen: number
  volumesRemoved: number
  bytesFreed: number
  bytesMoved: number
  /** Volumes without live bytes that wait until no reader can be in them. A later sweep removes them. */
  volumesWaiting: number
}

export interface ScrubOptions {
  listLive: ListLive
  /** No limit when not given. */
  bytesPerSecond?: number
  onCorrupt: (corrupt: CorruptLocation) => void
  signal?: AbortSignal
}

export interface ScrubReport {
  bytesRead: number
  locationsRead: number
  corrupt: number
}

export interface CorruptLocation {
  location: string
  /** Why the bytes are not believed, for the operator. */
  reason: string
}

/** Safe for use by several processes on the same store at once. */
export interface ByteStore {
  /**
   * Reads the source to its end and answers when the bytes survive a power failure. Takes from the source only as
   * fast as it can write; memory does not grow with the size. Chunks must not change once given. If the source throws, `put` rejects with the same error
   * and nothing is left.
   * @throws NoSpaceError the disk is full; later puts may work again
   * @throws SizeMismatchError
   */
  put(source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>, options?: PutOptions): Promise<StoredBytes>

  /**
   * Bytes of one location, or of several joined. Every buffer is checked before it is handed out, and only what the
   * range needs is read. Buffers belong to the receiver. Ending the iteration early gives everything back.
   * @throws CorruptBytesError while iterating, before the first wrong byte
   * @throws MissingBytesError while iterating; the bytes were moved or removed
   * @throws RangeError the range reaches past the end
   */
  read(locations: string | readonly string[], range?: ByteRange): AsyncIterable<Buffer>

  /** As `read`, all in one buffer, which others may be given too: the quick way for small objects. Do not write into it. */
  readWhole(locations: string | readonly string[], range?: ByteRange): Promise<Buffer>

  /** Says that these are recorded no longer. Call it after the commit. Cheap; the space comes free in a sweep. */
  release(locations: readonly string[]): Promise<void>

  /** Removes what nothing records and gathers what is scattered. Sweeps may overlap; one at a time is enough. */
  sweep(options: SweepOptions): Promise<SweepReport>

  /** Reads every live byte once and reports damage. */
  scrub(options: ScrubOptions): Promise<ScrubReport>

  /** Waits for puts under way and gives files back. */
  close(): Promise<void>
}

/** The bytes on disk are not those that were put. */
export class CorruptBytesError extends Error {
  readonly location: string
  constructor(location: string, reason: string, options?: ErrorOptions) {
    super(`bytes at ${location} are damaged: ${reason}`, options)
    this.name = 'CorruptBytesError'
    this.location = location
  }
}

/** Nothing is stored at this location: never was, was moved, or was removed. */
export class MissingBytesError extends Error {
  readonly location: string
  constructor(location: string, options?: ErrorOptions) {
    super(`no bytes at ${location}`, options)
    this.name = 'MissingBytesError'
    this.location = location
  }
}

/** The disk, or the quota on it, is full. */
export class NoSpaceError extends Error {
  constructor(options?: ErrorOptions) {
    super('no space left for bytes', options)
    this.name = 'NoSpaceError'
  }
}

/** The source did not give the number of bytes that was promised. */
export class SizeMismatchError extends Error {
  readonly expectedBytes: number
  /** How many came before the source ended or was refused. */
  readonly actualBytes: number
  constructor(expectedBytes: number, actualBytes: number) {
    super(`expected ${expectedBytes} bytes, got ${actualBytes}`)
    this.name = 'SizeMismatchError'
    this.expectedBytes = expectedBytes
    this.actualBytes = actualBytes
  }
}

/** Name of the volume a location is in. */
export function volumeOf(location: string): string {
  const dot = location.indexOf('.')
  return dot < 0 ? location : location.slice(0, dot)
}
