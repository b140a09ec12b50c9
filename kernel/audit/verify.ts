/**
 * Checks a published log from nothing but its files: every entry against its hash, every tile against the one above,
 * the root against the signed checkpoint, and the past against checkpoints that the verifier kept.
 */
import { leafHash, rootAt } from './merkle.ts'
import { type Checkpoint, type NoteVerifier, openCheckpoint, parseCheckpoint } from './note.ts'
import {
  bundlePath,
  type Edge,
  hashesOf,
  perfectRoot,
  rootOfEdge,
  subtreesOf,
  type Tile,
  tilePath,
  tilesOf,
  tileWidth,
  unpackBundle,
} from './tiles.ts'

/** Where the files are. What is absent is undefined. */
export interface LogSource {
  readCheckpoint(): Promise<string | undefined>
  /** With at least as many hashes as `width` says, when it is there. */
  readTile(tile: Tile): Promise<Buffer | undefined>
  /** Undefined as a whole where entries are not published, as towards customers. */
  readBundle: ((index: number, width: number) => Promise<Buffer | undefined>) | undefined
}

export interface Finding {
  kind: 'checkpoint' | 'tile' | 'entry' | 'root' | 'history'
  /** The file, or `entry <index>`. */
  place: string
  message: string
}

export interface Verification {
  /** Undefined when there is none that could be read. */
  checkpoint: Checkpoint | undefined
  /** Empty when all is as it was signed. */
  findings: readonly Finding[]
}

export interface VerifyOptions {
  verifier: NoteVerifier
  /** Signed checkpoints of earlier times, with names for messages. */
  earlier?: readonly { name: string; note: string }[]
}

export async function verifyLog(source: LogSource, { verifier, earlier = [] }: VerifyOptions): Promise<Verification> {
  const findings: Finding[] = []
  const note = await source.readCheckpoint()
  const checkpoint = note === undefined ? undefined : checkCheckpoint(note, 'checkpoint', verifier, findings)
  if (!checkpoint) {
    if (note === undefined) findings.push({ kind: 'checkpoint', place: 'checkpoint', message: 'it is missing' })
    return { checkpoint, findings }
  }
  const edge = await checkTiles(source, checkpoint.size, findings)
  if (edge && !rootOfEdge(edge).equals(checkpoint.root)) {
    const message = 'the tiles do not give the root that it signs: they were replaced, or it is of another log'
    findings.push({ kind: 'root', place: 'checkpoint', message })
  }
  await checkHistory(source, checkpoint, { verifier, earlier }, findings)
  return { checkpoint, findings }
}

/** Reads a checkpoint even when its signature is wrong, so that the rest can be looked at. */
function checkCheckpoint(
  note: string,
  place: string,
  verifier: NoteVerifier,
  findings: Finding[],
): Checkpoint | undefined {
  try {
    return openCheckpoint(note, verifier)
  } catch (error) {
    findings.push({ kind: 'checkpoint', place, message: (error as Error).message })
  }
  try {
    return parseCheckpoint(note)
  } catch {
    return undefined
  }
}

/** Answers the right edge, or undefined when a tile is missing. */
async function checkTiles(source: LogSource, size: number, findings: Finding[]): Promise<Edge | undefined> {
  const edge: Buffer[][] = []
  let isWhole = true
  // Roots of the full tiles of the level below, by their index; undefined where the tile is missing.
  let below: (Buffer | undefined)[] = []
  let roots: (Buffer | undefined)[] = []
  let level = 0
  for (const tile of tilesOf(size)) {
    if (tile.level !== level) {
      below = roots
      roots = []
      level = tile.level
    }
    edge[tile.level] ??= []
    const hashes = await readHashes(source, tile)
    if (!hashes) {
      findings.push({ kind: 'tile', place: tilePath(tile), message: 'it is missing or too short' })
      isWhole = false
      roots.push(undefined)
      continue
    }
    if (tile.level === 0) await checkEntries(source, tile, hashes, findings)
    else checkAgainstBelow(tile, hashes, below, findings)
    if (tile.width === tileWidth) roots.push(perfectRoot(hashes))
    else edge[tile.level] = hashes
  }
  return isWhole ? edge : undefined
}

async function readHashes(source: LogSource, tile: Tile): Promise<Buffer[] | undefined> {
  const bytes = await source.readTile(tile)
  const hashes = bytes && hashesOf(bytes).slice(0, tile.width)
  return hashes?.length === tile.width ? hashes : undefined
}

function checkAgainstBelow(
  tile: Tile,
  hashes: readonly Buffer[],
  below: readonly (Buffer | undefined)[],
  findings: Finding[],
): void {
  for (const [offset, hash] of hashes.entries()) {
    const index = tile.index * tileWidth + offset
    const root = below[index]
    if (!root || root.equals(hash)) continue
    const child = tilePath({ level: tile.level - 1, index, width: tileWidth })
    const message = `it does not hash to what ${tilePath(tile)} holds at place ${offset}: one of the two was changed`
    findings.push({ kind: 'tile', place: child, message })
  }
}

async function checkEntries(source: LogSource, tile: Tile, hashes: readonly Buffer[], findings: Finding[]) {
  if (!source.readBundle) return
  const place = bundlePath(tile.index, tile.width)
  const bundle = await source.readBundle(tile.index, tile.width)
  if (!bundle) {
    findings.push({ kind: 'entry', place, message: 'it is missing' })
    return
  }
  let leaves: Buffer[]
  try {
    leaves = unpackBundle(bundle).map(leafHash).slice(0, Math.max(tile.width, 0))
  } catch (error) {
    findings.push({ kind: 'entry', place, message: (error as Error).message })
    return
  }
  findings.push(...compareLeaves(tile.index * tileWidth, leaves, hashes, place))
}

/** Says what happened to the entries of a bundle whose tile is `hashes`. */
function compareLeaves(first: number, leaves: readonly Buffer[], hashes: readonly Buffer[], file: string): Finding[] {
  const wrong = hashes.flatMap((hash, offset) => (leaves[offset]?.equals(hash) ? [] : [offset]))
  const [start] = wrong
  if (start === undefined) return []
  const finding = (offset: number, message: string): Finding => ({
    kind: 'entry',
    place: `entry ${first + offset}`,
    message: `${message} (${file})`,
  })
  const isShifted = hashes.slice(start + 1).every((hash, step) => leaves[start + step]?.equals(hash))
  if (leaves.length === hashes.length - 1 && isShifted) return [finding(start, 'it was dropped')]
  if (leaves.length < hashes.length) {
    return [
      finding(
        start,
        `from here on the entries are not those that were signed, and ${hashes.length - leaves.length} are missing`,
      ),
    ]
  }
  const sorted = (list: readonly Buffer[]): string =>
    list
      .map((hash) => hash.toString('hex'))
      .sort()
      .join()
  const isReordered =
    wrong.length > 1 &&
    sorted(wrong.map((at) => leaves[at] as Buffer)) === sorted(wrong.map((at) => hashes[at] as Buffer))
  return wrong.map((offset) => finding(offset, isReordered ? 'another entry stands in its place' : 'it was changed'))
}

async function checkHistory(
  source: LogSource,
  now: Checkpoint,
  { verifier, earlier = [] }: VerifyOptions,
  findings: Finding[],
): Promise<void> {
  const known: { name: string; checkpoint: Checkpoint }[] = []
  for (const { name, note } of earlier) {
    const before = findings.length
    const checkpoint = checkCheckpoint(note, name, verifier, findings)
    if (checkpoint && findings.length === before) known.push({ name, checkpoint })
  }
  known.sort((one, other) => one.checkpoint.size - other.checkpoint.size)
  const readTile = async (tile: Tile): Promise<Buffer> => (await source.readTile(tile)) ?? Buffer.alloc(0)
  let same = 0
  for (const { name, checkpoint } of known) {
    if (checkpoint.size > now.size) {
      const message = `${name} signs ${checkpoint.size} entries; the log has ${now.size}: it was cut off`
      findings.push({ kind: 'history', place: `entry ${now.size}`, message })
      return
    }
    const root = await rootAt(checkpoint.size, subtreesOf(now.size, readTile)).catch(() => undefined)
    if (!root?.equals(checkpoint.root)) {
      const range = `entries ${same} to ${checkpoint.size - 1}`
      const message = `${name} signs another history: of ${range} at least one was changed, dropped or moved`
      findings.push({ kind: 'history', place: `entry ${same}`, message })
      return
    }
    same = checkpoint.size
  }
}
