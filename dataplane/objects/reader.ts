import { type ByteRange, CorruptBytesError, MissingBytesError } from '@pileus/kernel/fabric/bytes'
import { BlockSeeds, GROUP_BYTES, planSteps, type ReadStep, verifyStep } from './blocks.ts'
import { type DiskFile, errorCode } from './disk.ts'
import { formatLocation, type Place, parseLocation } from './location.ts'

/** Tables further from their bytes than this are read by themselves. */
const READ_THROUGH_BYTES = 16 * 1024

/** A part of one record. */
export interface Piece {
  place: Place
  from: number
  /** Exclusive. */
  to: number
}

/** Which parts of which records make up a range of their concatenation. @throws RangeError @throws MissingBytesError */
export function planPieces(locations: string | readonly string[], range?: ByteRange): Piece[] {
  const places = (typeof locations === 'string' ? [locations] : locations).map(parseLocation)
  const total = places.reduce((sum, place) => sum + place.bytes, 0)
  const start = range?.offset ?? 0
  const end = range ? start + range.length : total
  if (!Number.isSafeInteger(start) || !Number.isSafeInteger(end) || start < 0 || end < start || end > total) {
    throw new RangeError(`bytes ${start} to ${end} of ${total}`)
  }
  const pieces: Piece[] = []
  let before = 0
  for (const place of places) {
    const from = Math.max(start - before, 0)
    const to = Math.min(end - before, place.bytes)
    if (from < to) pieces.push({ place, from, to })
    before += place.bytes
  }
  return pieces
}

/**
 * Verified bytes of a piece, a group at a time; the next group is read while the receiver has the last one.
 * @throws CorruptBytesError
 */
export async function* readPiece(file: DiskFile, { place, from, to }: Piece): AsyncGenerator<Buffer, void, undefined> {
  const seeds = new BlockSeeds(place.volume)
  let ahead: Promise<Buffer> | undefined
  try {
    for (const step of planSteps(place, from, to)) {
      const next = readStep(file, place, step, seeds)
      // It is awaited in its turn; until then its failure must not count as unhandled.
      next.catch(() => {})
      const ready = ahead
      ahead = next
      if (ready) yield await ready
    }
    const last = ahead
    ahead = undefined
    if (last) yield await last
  } finally {
    // The file may be closed after this, so no read may be under way.
    await ahead?.catch(() => {})
  }
}

/**
 * The same at once for a piece that is one read, as those of small objects are; undefined for larger ones.
 * @throws CorruptBytesError
 */
export function readSmallPiece(file: DiskFile, { place, from, to }: Piece): Promise<Buffer> | undefined {
  if (to - from > GROUP_BYTES) return undefined
  const [step, ...more] = planSteps(place, from, to)
  return step && more.length === 0 ? readStep(file, place, step, new BlockSeeds(place.volume)) : undefined
}

async function readStep(file: DiskFile, place: Place, step: ReadStep, seeds: BlockSeeds): Promise<Buffer> {
  const gap = step.dataAt - step.tableAt - step.tableBytes
  let table: Buffer
  let data: Buffer
  if (gap <= READ_THROUGH_BYTES) {
    const both = await readExactly(file, place, step.tableAt, step.dataAt + step.dataBytes - step.tableAt)
    table = both.subarray(0, step.tableBytes)
    data = both.subarray(step.dataAt - step.tableAt)
  } else {
    ;[table, data] = await Promise.all([
      readExactly(file, place, step.tableAt, step.tableBytes),
      readExactly(file, place, step.dataAt, step.dataBytes),
    ])
  }
  verifyStep(place, step, table, data, seeds)
  return data.subarray(step.wantedFrom, step.wantedTo)
}

async function readExactly(file: DiskFile, place: Place, at: number, bytes: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafeSlow(bytes)
  let count: number
  try {
    count = await file.read(buffer, at)
  } catch (error) {
    // Some disks look for a file only when it is read.
    if (errorCode(error) === 'ENOENT') throw new MissingBytesError(formatLocation(place), { cause: error })
    // A sector that cannot be read is damage like any other.
    if (errorCode(error) !== 'EIO') throw error
    throw new CorruptBytesError(formatLocation(place), 'the disk cannot read it', { cause: error })
  }
  if (count < bytes) throw new CorruptBytesError(formatLocation(place), 'the volume is too short')
  return buffer
}
