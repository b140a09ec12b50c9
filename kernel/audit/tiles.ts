/**
 * The tree cut into tiles of 256 hashes, as C2SP tlog-tiles says: a tile of level 0 holds the hashes of 256 entries,
 * one of level 1 the roots of 256 full tiles of level 0, and so on. The last tile of a level is usually partial.
 * @see https://c2sp.org/tlog-tiles
 */
import { emptyRoot, hashBytes, nodeHash, type SubtreeReader } from './merkle.ts'

/** Hashes of a full tile, and entries of a full bundle. */
export const tileWidth = 256
const tileHeight = 8

/** Longest entry, in bytes: bundles give its length in 16 bits. */
export const maxEntryBytes = 65_535

export interface Tile {
  readonly level: number
  readonly index: number
  /** Hashes in it, 1 to 256. */
  readonly width: number
}

/** Where a log publishes a tile, such as `tile/0/x001/067.p/12`. */
export function tilePath({ level, index, width }: Tile): string {
  return `tile/${level}/${placePath(index, width)}`
}

/** Where a log publishes the entries of a tile of level 0. */
export function bundlePath(index: number, width: number): string {
  return `tile/entries/${placePath(index, width)}`
}

function placePath(index: number, width: number): string {
  const groups: string[] = []
  for (let rest = index; groups.length === 0 || rest > 0; rest = Math.floor(rest / 1_000)) {
    const digits = String(rest % 1_000).padStart(3, '0')
    groups.unshift(groups.length === 0 ? digits : `x${digits}`)
  }
  return groups.join('/') + (width < tileWidth ? `.p/${width}` : '')
}

/** Every tile of a tree, lowest level first; of those between two sizes, the ones that `after` does not have. */
export function* tilesOf(size: number, after = 0): Generator<Tile> {
  for (let level = 0, count = size, had = after; count > 0; level += 1) {
    for (let index = Math.floor(had / tileWidth); index * tileWidth < count; index += 1) {
      const width = Math.min(tileWidth, count - index * tileWidth)
      if (index * tileWidth + width > had) yield { level, index, width }
    }
    count = Math.floor(count / tileWidth)
    had = Math.floor(had / tileWidth)
  }
}

/** Reads the hashes of a tile, at least as many as `width` says. */
export type TileReader = (tile: Tile) => Promise<Buffer>

/** Hashes of subtrees out of the tiles of a tree of `size` entries; each tile is read once. */
export function subtreesOf(size: number, readTile: TileReader): SubtreeReader {
  const tiles = new Map<string, Promise<Buffer>>()
  return async (height, index) => {
    const level = Math.floor(height / tileHeight)
    const within = 2 ** (height - level * tileHeight)
    const first = index * within
    const tileIndex = Math.floor(first / tileWidth)
    const count = Math.floor(size / tileWidth ** level)
    const width = Math.min(tileWidth, count - tileIndex * tileWidth)
    const key = `${level}/${tileIndex}`
    const tile = tiles.get(key) ?? readTile({ level, index: tileIndex, width })
    tiles.set(key, tile)
    const offset = first - tileIndex * tileWidth
    const hashes = hashesOf(await tile).slice(offset, offset + within)
    if (hashes.length !== within) throw new Error(`${tilePath({ level, index: tileIndex, width })} is too short`)
    return perfectRoot(hashes)
  }
}

export function hashesOf(tile: Buffer): Buffer[] {
  const hashes: Buffer[] = []
  for (let at = 0; at + hashBytes <= tile.length; at += hashBytes) hashes.push(tile.subarray(at, at + hashBytes))
  return hashes
}

/** Root of a number of hashes that is a power of two. */
export function perfectRoot(hashes: readonly Buffer[]): Buffer {
  let row = hashes
  while (row.length > 1) {
    const above: Buffer[] = []
    for (let at = 0; at < row.length; at += 2) above.push(nodeHash(row[at] as Buffer, row[at + 1] as Buffer))
    row = above
  }
  return row[0] as Buffer
}

/** The right edge of a tree: the hashes of the partial tile of each level, lowest first. All that growing it needs. */
export type Edge = readonly (readonly Buffer[])[]

export interface Grown {
  edge: Edge
  /** Tiles that are new or wider than before, whole. */
  tiles: readonly { level: number; index: number; hashes: readonly Buffer[] }[]
}

/** The tree of `size` entries whose right edge is `edge`, with more leaves. */
export function grow(size: number, edge: Edge, leaves: readonly Buffer[]): Grown {
  const tiles: { level: number; index: number; hashes: readonly Buffer[] }[] = []
  const grown: (readonly Buffer[])[] = []
  let added = leaves
  let count = size
  for (let level = 0; level < edge.length || added.length > 0; level += 1) {
    const row = [...(edge[level] ?? []), ...added]
    let index = Math.floor(count / tileWidth)
    const roots: Buffer[] = []
    let at = 0
    for (; row.length - at >= tileWidth; at += tileWidth, index += 1) {
      const hashes = row.slice(at, at + tileWidth)
      tiles.push({ level, index, hashes })
      roots.push(perfectRoot(hashes))
    }
    const rest = row.slice(at)
    if (rest.length > 0 && added.length > 0) tiles.push({ level, index, hashes: rest })
    grown.push(rest)
    added = roots
    count = Math.floor(count / tileWidth)
  }
  return { edge: grown, tiles }
}

/** Root of the tree that has this right edge. */
export function rootOfEdge(edge: Edge): Buffer {
  let root: Buffer | undefined
  // Perfect subtrees from the right, smallest first: each is the left neighbour of all that came before.
  for (const hashes of edge) {
    for (let to = hashes.length, width = 1; to > 0; width *= 2) {
      if (Math.floor(to / width) % 2 === 0) continue
      const subtree = perfectRoot(hashes.slice(to - width, to))
      root = root ? nodeHash(subtree, root) : subtree
      to -= width
    }
  }
  return root ?? emptyRoot
}

/** Entries as their bundle: each after its length. @throws RangeError for an entry that is too long */
export function packBundle(entries: readonly Uint8Array[]): Buffer {
  const bundle = Buffer.allocUnsafe(entries.reduce((size, entry) => size + 2 + entry.length, 0))
  let at = 0
  for (const entry of entries) {
    if (entry.length > maxEntryBytes) throw new RangeError(`an entry has ${entry.length} bytes`)
    at = bundle.writeUInt16BE(entry.length, at)
    bundle.set(entry, at)
    at += entry.length
  }
  return bundle
}

/** @throws Error when the last entry is cut off */
export function unpackBundle(bundle: Buffer): Buffer[] {
  const entries: Buffer[] = []
  for (let at = 0; at < bundle.length; ) {
    const end = at + 2 <= bundle.length ? at + 2 + bundle.readUInt16BE(at) : Number.POSITIVE_INFINITY
    if (end > bundle.length) throw new Error(`its entry ${entries.length} is cut off`)
    entries.push(bundle.subarray(at + 2, end))
    at = end
  }
  return entries
}
