/**
 * The Merkle tree of RFC 6962 with SHA-256, as functions of the hashes that tiles hold. A perfect subtree is named by
 * its height and its place among those of its height: `(0, 5)` is the sixth leaf, `(3, 1)` covers leaves 8 to 15.
 */
import { createHash } from 'node:crypto'

export const hashBytes = 32

/** Hash of an entry. */
export function leafHash(entry: Uint8Array): Buffer {
  return createHash('sha256').update(leafPrefix).update(entry).digest()
}

/** Hash of two neighbours. */
export function nodeHash(left: Uint8Array, right: Uint8Array): Buffer {
  return createHash('sha256').update(nodePrefix).update(left).update(right).digest()
}

const leafPrefix = Buffer.from([0])
const nodePrefix = Buffer.from([1])

/** Root of the tree without leaves. */
export const emptyRoot: Buffer = createHash('sha256').digest()

/** Gives the hash of a perfect subtree. */
export type SubtreeReader = (height: number, index: number) => Buffer | Promise<Buffer>

/** Largest power of two below `count`, which is at least 2. */
export function splitOf(count: number): number {
  let split = 1
  while (split * 2 < count) split *= 2
  return split
}

/** Hash of the leaves from `from` up to, not including, `to`; `from` is where a subtree of that size may begin. */
async function rangeHash(from: number, to: number, read: SubtreeReader): Promise<Buffer> {
  const count = to - from
  const height = Math.log2(count)
  if (Number.isInteger(height) && from % count === 0) return await read(height, from / count)
  const middle = from + splitOf(count)
  return nodeHash(await rangeHash(from, middle, read), await rangeHash(middle, to, read))
}

/** Root of the first `size` leaves. */
export async function rootAt(size: number, read: SubtreeReader): Promise<Buffer> {
  return size === 0 ? emptyRoot : await rangeHash(0, size, read)
}

/** What leads from a leaf to the root: the sibling of each step, lowest first. @throws RangeError */
export async function inclusionProof(index: number, size: number, read: SubtreeReader): Promise<Buffer[]> {
  if (!Number.isSafeInteger(index) || index < 0 || index >= size) {
    throw new RangeError(`index ${index} is not in a tree of ${size} entries`)
  }
  const proof: Buffer[] = []
  let from = 0
  let to = size
  while (to - from > 1) {
    const middle = from + splitOf(to - from)
    if (index < middle) {
      proof.unshift(await rangeHash(middle, to, read))
      to = middle
    } else {
      proof.unshift(await rangeHash(from, middle, read))
      from = middle
    }
  }
  return proof
}

/** The root that `leaf` at `index` and its proof give; undefined when the proof has the wrong length. */
export function rootByInclusion(
  leaf: Buffer,
  index: number,
  size: number,
  proof: readonly Uint8Array[],
): Buffer | undefined {
  // Which side the sibling is on, from the top down.
  const sides: ('left' | 'right')[] = []
  let from = 0
  let to = size
  while (to - from > 1) {
    const middle = from + splitOf(to - from)
    sides.push(index < middle ? 'right' : 'left')
    if (index < middle) to = middle
    else from = middle
  }
  if (sides.length !== proof.length || index < 0 || index >= size) return undefined
  return sides.reverse().reduce((hash, side, step) => {
    const sibling = proof[step] as Uint8Array
    return side === 'right' ? nodeHash(hash, sibling) : nodeHash(sibling, hash)
  }, leaf)
}

/** Shows that the tree of `size` begins with that of `oldSize`. @throws RangeError */
export async function consistencyProof(oldSize: number, size: number, read: SubtreeReader): Promise<Buffer[]> {
  if (oldSize < 0 || oldSize > size) throw new RangeError(`a tree of ${size} entries holds none of ${oldSize}`)
  if (oldSize === 0 || oldSize === size) return []
  return await subproof(oldSize, 0, size, true, read)
}

async function subproof(
  oldSize: number,
  from: number,
  to: number,
  isWhole: boolean,
  read: SubtreeReader,
): Promise<Buffer[]> {
  const count = to - from
  if (oldSize === count) return isWhole ? [] : [await rangeHash(from, to, read)]
  const split = splitOf(count)
  const middle = from + split
  if (oldSize <= split) {
    const left = await subproof(oldSize, from, middle, isWhole, read)
    return [...left, await rangeHash(middle, to, read)]
  }
  const right = await subproof(oldSize - split, middle, to, false, read)
  return [...right, await rangeHash(from, middle, read)]
}

/** Whether `proof` leads from the old root to the new one. */
export function isConsistent(
  old: { size: number; root: Uint8Array },
  now: { size: number; root: Uint8Array },
  proof: readonly Uint8Array[],
): boolean {
  if (old.size > now.size) return false
  if (old.size === 0) return proof.length === 0
  if (old.size === now.size) return proof.length === 0 && equal(old.root, now.root)
  const rest = [...proof]
  // Both roots are built from the same hashes: the old one stops where the old tree ends.
  const climb = (oldSize: number, size: number, isWhole: boolean): { old: Uint8Array; now: Uint8Array } | undefined => {
    if (oldSize === size) {
      const hash = isWhole ? old.root : rest.shift()
      return hash && { old: hash, now: hash }
    }
    const split = splitOf(size)
    const inner = oldSize <= split ? climb(oldSize, split, isWhole) : climb(oldSize - split, size - split, false)
    const sibling = rest.shift()
    if (!inner || !sibling) return undefined
    return oldSize <= split
      ? { old: inner.old, now: nodeHash(inner.now, sibling) }
      : { old: nodeHash(sibling, inner.old), now: nodeHash(sibling, inner.now) }
  }
  const roots = climb(old.size, now.size, true)
  return roots !== undefined && rest.length === 0 && equal(roots.old, old.root) && equal(roots.now, now.root)
}

function equal(one: Uint8Array, other: Uint8Array): boolean {
  return Buffer.compare(one, other) === 0
}
