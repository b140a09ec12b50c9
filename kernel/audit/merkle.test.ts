import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  consistencyProof,
  emptyRoot,
  inclusionProof,
  isConsistent,
  leafHash,
  nodeHash,
  rootAt,
  rootByInclusion,
  splitOf,
} from './merkle.ts'
import {
  bundlePath,
  type Edge,
  grow,
  packBundle,
  rootOfEdge,
  subtreesOf,
  type Tile,
  tilePath,
  tilesOf,
  tileWidth,
  unpackBundle,
} from './tiles.ts'

/** The definition of RFC 6962, word for word. */
function treeHash(leaves: readonly Buffer[]): Buffer {
  if (leaves.length === 0) return emptyRoot
  if (leaves.length === 1) return leaves[0] as Buffer
  const split = splitOf(leaves.length)
  return nodeHash(treeHash(leaves.slice(0, split)), treeHash(leaves.slice(split)))
}

const leavesOf = (count: number): Buffer[] =>
  Array.from({ length: count }, (_, index) => leafHash(Buffer.from(`entry ${index}`)))

/** Grows a tree by `steps`, keeping its tiles as a log does. */
function build(steps: readonly number[]) {
  const leaves = leavesOf(steps.reduce((sum, step) => sum + step, 0))
  const tiles = new Map<string, Buffer>()
  let edge: Edge = []
  let size = 0
  for (const step of steps) {
    const grown = grow(size, edge, leaves.slice(size, size + step))
    for (const { level, index, hashes } of grown.tiles) tiles.set(`${level}/${index}`, Buffer.concat([...hashes]))
    edge = grown.edge
    size += step
  }
  const readTile = async ({ level, index, width }: Tile): Promise<Buffer> =>
    (tiles.get(`${level}/${index}`) ?? Buffer.alloc(0)).subarray(0, width * 32)
  return { leaves, edge, size, tiles, read: (at: number) => subtreesOf(at, readTile) }
}

const steps = fc.array(fc.integer({ min: 0, max: 400 }), { minLength: 1, maxLength: 6 })

describe('the vectors of certificate transparency', () => {
  // The eight inputs and roots that implementations of RFC 6962 share; docs/sources.md names where they are.
  const inputs = [
    '',
    '00',
    '10',
    '2021',
    '3031',
    '40414243',
    '5051525354555657',
    '606162636465666768696a6b6c6d6e6f',
  ].map((hex) => leafHash(Buffer.from(hex, 'hex')))
  const roots = [
    '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
    'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
    'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
    'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
    '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
    'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
    '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
  ]
  test.each(roots.map((root, index) => [index + 1, root] as const))('the tree of %i entries', (size, root) => {
    expect(rootOfEdge(grow(0, [], inputs.slice(0, size)).edge).toString('hex')).toBe(root)
  })
  test('the tree without entries', () => {
    expect(rootOfEdge([]).toString('hex')).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855')
  })
})

test('however a tree grew, root and tiles are those of its definition', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (parts) => {
      const tree = build(parts)
      const root = treeHash(tree.leaves)
      expect(rootOfEdge(tree.edge)).toEqual(root)
      expect(await rootAt(tree.size, tree.read(tree.size))).toEqual(root)
      const expected = [...tilesOf(tree.size)].map(({ level, index, width }) => [`${level}/${index}`, width * 32])
      expect([...tree.tiles].map(([place, bytes]) => [place, bytes.length]).sort()).toEqual(expected.sort())
    }),
    { numRuns: 25 },
  )
})

test('inclusion proofs hold for their entry and no other', async () => {
  await fc.assert(
    fc.asyncProperty(steps, fc.nat(), fc.nat(), async (parts, some, other) => {
      const { size, leaves, read } = build(parts)
      fc.pre(size > 1)
      const index = some % size
      const proof = await inclusionProof(index, size, read(size))
      const root = treeHash(leaves)
      expect(rootByInclusion(leaves[index] as Buffer, index, size, proof)).toEqual(root)
      const wrong = (index + 1 + (other % (size - 1))) % size
      expect(rootByInclusion(leaves[wrong] as Buffer, index, size, proof)).not.toEqual(root)
      expect(rootByInclusion(leaves[index] as Buffer, wrong, size, proof)).not.toEqual(root)
    }),
    { numRuns: 25 },
  )
})

test('consistency proofs hold between two sizes of one tree, and not when the past was changed', async () => {
  await fc.assert(
    fc.asyncProperty(steps, fc.nat(), async (parts, some) => {
      const { size, leaves, read } = build(parts)
      fc.pre(size > 1)
      const oldSize = some % (size + 1)
      const proof = await consistencyProof(oldSize, size, read(size))
      const old = { size: oldSize, root: treeHash(leaves.slice(0, oldSize)) }
      const now = { size, root: treeHash(leaves) }
      expect(isConsistent(old, now, proof)).toBe(true)
      if (oldSize === 0) return
      const changed = [leafHash(Buffer.from('changed')), ...leaves.slice(1, oldSize)]
      expect(isConsistent({ size: oldSize, root: treeHash(changed) }, now, proof)).toBe(false)
      if (proof.length > 0) expect(isConsistent(old, now, proof.slice(1))).toBe(false)
    }),
    { numRuns: 25 },
  )
})

test('paths and partial tiles are those of the specification', () => {
  expect(tilePath({ level: 0, index: 1_234_067, width: tileWidth })).toBe('tile/0/x001/x234/067')
  expect(tilePath({ level: 2, index: 0, width: 1 })).toBe('tile/2/000.p/1')
  expect(bundlePath(273, 112)).toBe('tile/entries/273.p/112')
  const widths = new Map<string, number>()
  for (const { level, width } of tilesOf(70_000)) {
    const kind = `${level} ${width === tileWidth ? 'full' : width}`
    widths.set(kind, (widths.get(kind) ?? 0) + 1)
  }
  expect([...widths]).toEqual([
    ['0 full', 273],
    ['0 112', 1],
    ['1 full', 1],
    ['1 17', 1],
    ['2 1', 1],
  ])
  expect([...tilesOf(256)]).toEqual([
    { level: 0, index: 0, width: 256 },
    { level: 1, index: 0, width: 1 },
  ])
})

test('only tiles that grew are listed between two sizes', () => {
  expect([...tilesOf(600, 513)]).toEqual([{ level: 0, index: 2, width: 88 }])
  expect([...tilesOf(600, 600)]).toEqual([])
  expect([...tilesOf(513, 511)].map(tilePath)).toEqual(['tile/0/001', 'tile/0/002.p/1', 'tile/1/000.p/2'])
})

test('bundles give their entries back, and say when one is cut off', () => {
  const entries = ['a', '', 'x'.repeat(65_535)].map((text) => Buffer.from(text))
  const bundle = packBundle(entries)
  expect(unpackBundle(bundle)).toEqual(entries)
  expect(() => unpackBundle(bundle.subarray(0, -1))).toThrow('its entry 2 is cut off')
  expect(() => packBundle([Buffer.alloc(65_536)])).toThrow(RangeError)
})
