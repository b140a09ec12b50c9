import { mkdtempSync, readdirSync, rmSync, truncateSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CorruptBytesError, MissingBytesError } from '@pileus/kernel/fabric/bytes'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openLocalStore } from './local-store.ts'
import { openRegionStores, type RegionStores } from './region-stores.ts'

let directory: string
let stores: RegionStores

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'pileus-region-stores-'))
  stores = await openRegionStores({ directory, renewEveryMs: 0 })
})
afterEach(async () => {
  await stores.close()
  rmSync(directory, { recursive: true })
})

const bytesOf = (text: string) => [Buffer.from(text)]
const put = async (text: string) => (await stores.of('eu-central-1').put(bytesOf(text))).location

test('bytes lie in the directory of their region, which is made when it is needed', async () => {
  expect(readdirSync(directory)).toEqual([])
  const { location } = await stores.of('eu-central-1').put(bytesOf('hello'))
  expect(readdirSync(directory)).toEqual(['eu-central-1'])
  expect(location).toMatch(/^eucentral1p[0-9a-f]{20}\./)
  expect(location.length).toBeLessThanOrEqual(64)
  expect((await stores.of('eu-central-1').readWhole(location)).toString()).toBe('hello')
  expect((await stores.readWhole(location)).toString()).toBe('hello')
  expect((await stores.of('us-west-1').put([])).location).toBe('uswest1empty.0.0')
  expect(await stores.readWhole('uswest1empty.0.0')).toHaveLength(0)
})

test('a region gives no bytes of another', async () => {
  const { location } = await stores.of('eu-central-1').put(bytesOf('hello'))
  await expect(stores.of('us-west-1').readWhole(location)).rejects.toThrow(MissingBytesError)
  await expect(stores.readWhole(location.replace('eucentral1', 'cnbeijing'))).rejects.toThrow(MissingBytesError)
  expect(() => stores.of('../elsewhere')).toThrow('is no region id')
})

test('what was just read whole is read from memory; scrubs, streams and other regions look at the disk', async () => {
  const [seen, unseen] = [await put('seen'), await put('unseen')]
  expect((await stores.readWhole(seen)).toString()).toBe('seen')
  const packed = join(directory, 'eu-central-1', 'packed')
  truncateSync(join(packed, readdirSync(packed)[0]!), 2)
  expect((await stores.readWhole(seen)).toString()).toBe('seen')
  expect((await stores.readWhole(seen, { offset: 1, length: 2 })).toString()).toBe('ee')
  await expect(stores.readWhole(seen, { offset: 1, length: 4 })).rejects.toThrow(RangeError)
  await expect(stores.readWhole(unseen)).rejects.toThrow(CorruptBytesError)
  await expect(stores.of('us-west-1').readWhole(seen)).rejects.toThrow(MissingBytesError)
  await expect(stores.of('eu-central-1').read(seen).next()).rejects.toThrow(CorruptBytesError)
  const scrubbed = await stores.scrub({ listLive: async () => [seen, unseen], onCorrupt: () => {} })
  expect(scrubbed.corrupt).toBe(2)
})

test('a sweep goes over all regions, of this run and of earlier ones, and moves within each', async () => {
  const kept = await stores.of('eu-central-1').put(bytesOf('kept'))
  const gone = await stores.of('eu-central-1').put(bytesOf('gone'.repeat(9_000)))
  const orphan = await stores.of('us-west-1').put(bytesOf('orphan'))
  await stores.close()
  // In an hour everything is past its grace.
  const clock = { now: () => new Date(Date.now() + 3 * 3_600_000) }
  stores = await openRegionStores({ directory, renewEveryMs: 0, clock, lookUpMs: 0 })
  await stores.release([gone.location, orphan.location, 'cnbeijingp00000000000000000000.0.1'])
  let live = [kept.location]
  const sweep = () =>
    stores.sweep({
      scope: 'all',
      listLive: async (volumes) => live.filter((one) => volumes.includes(one.slice(0, one.indexOf('.')))),
      move: async (moves) => {
        live = live.map((one) => moves.find(({ from }) => from === one)?.to ?? one)
      },
    })
  const reports = [await sweep(), await sweep(), await sweep()]
  expect(reports.reduce((sum, { volumesRemoved }) => sum + volumesRemoved, 0)).toBe(2)
  expect(live[0]).not.toBe(kept.location)
  expect(live[0]).toMatch(/^eucentral1p/)
  expect((await stores.readWhole(live)).toString()).toBe('kept')
  await expect(stores.readWhole(orphan.location)).rejects.toThrow(MissingBytesError)
  const scrubbed = await stores.scrub({ listLive: async () => [], onCorrupt: () => {} })
  expect(scrubbed).toEqual({ bytesRead: 0, locationsRead: 0, corrupt: 0 })
})

test('bytes of the time before regions had stores of their own are still read', async () => {
  const before = await openLocalStore({ directory, renewEveryMs: 0 })
  const { location } = await before.put(bytesOf('old'))
  await before.close()
  expect((await stores.readWhole(location)).toString()).toBe('old')
  expect((await stores.of('eu-central-1').readWhole(location)).toString()).toBe('old')
  await expect(stores.of('eu-central-1').readWhole('nonsense')).rejects.toThrow(MissingBytesError)
})
