import { execFile } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import fs from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { ManualClock, systemClock } from '@pileus/kernel/clock'
import {
  type ByteStore,
  CorruptBytesError,
  MissingBytesError,
  NoSpaceError,
  SizeMismatchError,
  volumeOf,
} from '@pileus/kernel/fabric/bytes'
import { concatCrc64 } from '@pileus/kernel/fabric/concat-crc64'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Disk, realDisk } from './disk.ts'
import { type LocalByteStore, type LocalStoreOptions, openLocalStore } from './local-store.ts'
import { Rows } from './testing/rows.ts'

const run = promisify(execFile)
const KIB = 1024
const MIB = 1024 * KIB
const HOUR_MS = 3_600_000

let directory: string
let clock: ManualClock
const opened: ByteStore[] = []

beforeEach(async () => {
  directory = await fs.mkdtemp(path.join(os.tmpdir(), 'objects-'))
  clock = new ManualClock(new Date())
})

afterEach(async () => {
  for (const store of opened.splice(0)) await store.close()
  await fs.rm(directory, { recursive: true })
})

async function open(options: Partial<LocalStoreOptions> = {}): Promise<LocalByteStore> {
  const store = await openLocalStore({ directory, clock, renewEveryMs: 0, ...options })
  opened.push(store)
  return store
}

async function files(kind: 'packed' | 'solo' | 'released'): Promise<string[]> {
  const entries = await fs.readdir(path.join(directory, kind), { recursive: true, withFileTypes: true })
  return entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name))
}

async function* inChunks(bytes: Buffer, chunkBytes: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes)
}

test.each([0, 1, 4 * KIB, 64 * KIB, 64 * KIB + 1, 256 * KIB, 300_001, MIB, MIB + 1, 2 * MIB + 77, 5 * MIB])(
  '%i bytes come back, whole and in ranges',
  async (bytes) => {
    const store = await open()
    const content = randomBytes(bytes)
    const stored = await store.put(inChunks(content, 50_000), { expectedBytes: bytes })
    expect(stored.bytes).toBe(bytes)
    expect(stored.md5Hex).toBe(createHash('md5').update(content).digest('hex'))
    expect(stored.location.length).toBeLessThanOrEqual(64)
    expect((await store.readWhole(stored.location)).equals(content)).toBe(true)
    for (let i = 0; i < 20; i++) {
      const offset = Math.floor(Math.random() * (bytes + 1))
      const length = Math.floor(Math.random() * (bytes - offset + 1))
      const part = await store.readWhole(stored.location, { offset, length })
      expect(part.equals(content.subarray(offset, offset + length))).toBe(true)
    }
    await expect(store.readWhole(stored.location, { offset: 0, length: bytes + 1 })).rejects.toThrow(RangeError)
  },
)

test('the CRC-64 is the one of the check string, and of parts joined', async () => {
  const store = await open()
  expect((await store.put([Buffer.from('123456789')])).crc64).toBe(0x995dc9bbdf1939fan.toString())
  const content = randomBytes(3 * MIB)
  const whole = await store.put([content])
  const head = await store.put([content.subarray(0, 1_234_567)])
  const tail = await store.put([content.subarray(1_234_567)])
  expect(concatCrc64(head.crc64, tail.crc64, tail.bytes)).toBe(whole.crc64)
  expect(concatCrc64(whole.crc64, (await store.put([])).crc64, 0)).toBe(whole.crc64)
  const range = { offset: 1_000_000, length: 1_000_000 }
  const joined = await store.readWhole([head.location, tail.location], range)
  expect(joined.equals(content.subarray(1_000_000, 2_000_000))).toBe(true)
})

test('a put that fails leaves no file and no open descriptor', async () => {
  const store = await open()
  const broken = async function* () {
    yield randomBytes(3 * MIB)
    throw new Error('the client went away')
  }
  await expect(store.put(broken())).rejects.toThrow('the client went away')
  await expect(store.put([randomBytes(100)], { expectedBytes: 99 })).rejects.toThrow(SizeMismatchError)
  await expect(store.put([randomBytes(3 * MIB)], { expectedBytes: 4 * MIB })).rejects.toThrow(SizeMismatchError)
  const abort = new AbortController()
  const hanging = async function* () {
    yield randomBytes(3 * MIB)
    setImmediate(() => abort.abort(new Error('the client left')))
    await new Promise(() => {})
  }
  await expect(store.put(hanging(), { signal: abort.signal })).rejects.toThrow('the client left')
  expect(await files('solo')).toEqual([])
  expect(await files('packed')).toEqual([])
  if (process.platform === 'linux') {
    const descriptors = await fs.readdir('/proc/self/fd')
    const targets = await Promise.all(descriptors.map((fd) => fs.readlink(`/proc/self/fd/${fd}`).catch(() => '')))
    expect(targets.filter((target) => target.includes(`${directory}/solo`))).toEqual([])
  }
})

test('what never was a location is missing, however it looks', async () => {
  const store = await open()
  const { location } = await store.put([Buffer.from('hello')])
  const [volume] = location.split('.')
  const odd = [
    '',
    'empty.0.1',
    '../../etc/passwd',
    `${volume}.0`,
    `${volume}/../x.0.5`,
    `p${'0'.repeat(20)}.0.5`,
    `${location}\n`,
  ]
  for (const wrong of odd) await expect(store.readWhole(wrong), wrong).rejects.toThrow(MissingBytesError)
  for (const shifted of [`${volume}.1.4`, `${volume}.0.4`, `${volume}.0.6`]) {
    await expect(store.readWhole(shifted), shifted).rejects.toThrow(CorruptBytesError)
  }
})

test('small puts that run together share flushes', async () => {
  let flushes = 0
  const counting: Disk = {
    ...realDisk,
    async create(file, use) {
      const made = await realDisk.create(file, use)
      const sync = made.sync.bind(made)
      made.sync = (which) => {
        flushes++
        return sync(which)
      }
      return made
    },
  }
  const store = await open({ disk: counting })
  const contents = Array.from({ length: 200 }, (_, i) => Buffer.from(`object ${i}`))
  const stored = await Promise.all(contents.map((content) => store.put([content])))
  expect(flushes).toBeLessThan(20)
  for (const [i, { location }] of stored.entries()) {
    expect((await store.readWhole(location)).equals(contents[i]!)).toBe(true)
  }
})

test('a flipped bit anywhere is found by read and by scrub, and never given out', async () => {
  const rows = new Rows()
  const contents = new Map<string, Buffer>()
  const writer = await open({ packedBytes: 100 * KIB })
  for (const [i, bytes] of [1, 100, 4096, 70_000, 90_000, 700_000, 2 * MIB].entries()) {
    const content = randomBytes(bytes)
    const { location } = await writer.put([content])
    rows.locations.set(`${i}`, location)
    contents.set(`${i}`, content)
  }
  for (const file of [...(await files('packed')), ...(await files('solo'))]) {
    const whole = await fs.readFile(file)
    for (let i = 0; i < 25; i++) {
      const at = Math.floor(Math.random() * whole.length)
      const damaged = Buffer.from(whole)
      damaged[at]! ^= 1 << Math.floor(Math.random() * 8)
      await fs.writeFile(file, damaged)
      let found = 0
      for (const [name, content] of contents) {
        let given = 0
        try {
          for await (const bytes of writer.read(rows.get(name))) {
            expect(bytes.equals(content.subarray(given, given + bytes.length))).toBe(true)
            given += bytes.length
          }
        } catch (error) {
          expect(error).toBeInstanceOf(CorruptBytesError)
          found++
        }
      }
      expect(found).toBe(1)
      const corrupt: string[] = []
      const report = await writer.scrub({
        listLive: rows.listLive,
        onCorrupt: ({ location }) => corrupt.push(location),
      })
      expect([report.corrupt, corrupt.length, report.locationsRead]).toEqual([1, 1, contents.size])
      await fs.writeFile(file, whole)
    }
    await fs.truncate(file, whole.length - 1)
    const report = await writer.scrub({ listLive: rows.listLive, onCorrupt: () => {} })
    expect(report.corrupt).toBe(1)
    await fs.writeFile(file, whole)
  }
})

test('the rest of a damaged volume is still moved, and the damaged bytes are kept and named', async () => {
  const rows = new Rows()
  const store = await open({ volumeBytes: 64 * KIB })
  for (let i = 0; i < 16; i++) rows.locations.set(`${i}`, (await store.put([Buffer.alloc(4 * KIB, i)])).location)
  await store.put([Buffer.alloc(1)])
  const [file] = (await files('packed')).filter((name) => name.includes(volumeOf(rows.get('0'))))
  const handle = await fs.open(file!, 'r+')
  await handle.write(Buffer.from([99]), 0, 1, 100)
  await handle.close()
  for (let i = 2; i < 16; i++) rows.locations.delete(`${i}`)
  clock.advance(2 * HOUR_MS)
  const corrupt: string[] = []
  const before = rows.get('0')
  const sweep = { listLive: rows.listLive, move: rows.move, scope: 'all' as const }
  await store.sweep({ ...sweep, onCorrupt: ({ location }) => corrupt.push(location) })
  expect(corrupt).toEqual([before])
  expect(rows.get('0')).toBe(before)
  expect(volumeOf(rows.get('1'))).not.toBe(volumeOf(before))
  expect((await store.readWhole(rows.get('1'))).equals(Buffer.alloc(4 * KIB, 1))).toBe(true)
  expect(await files('packed')).toContain(file)
})

test('a large object released while two processes read it is removed when both have ended', async () => {
  const rows = new Rows()
  const [here, there] = [await open(), await open()]
  const content = randomBytes(3 * MIB)
  const { location } = await here.put([content])
  const readers = [here, there].map((store) => store.read([location, location])[Symbol.asyncIterator]())
  for (const reader of readers) expect((await reader.next()).done).toBe(false)
  await there.renewLease()
  await here.release([location])
  const sweep = { listLive: rows.listLive, move: rows.move, scope: 'released' as const }
  for (let i = 0; i < 5; i++) {
    clock.advance(120_000)
    await there.renewLease()
    expect((await here.sweep(sweep)).volumesRemoved).toBe(0)
  }
  expect(await files('solo')).toHaveLength(1)
  for (const reader of readers) {
    let bytes = 256 * KIB
    for (let next = await reader.next(); !next.done; next = await reader.next()) bytes += next.value.length
    expect(bytes).toBe(6 * MIB)
  }
  clock.advance(120_000)
  await there.renewLease()
  expect((await here.sweep(sweep)).bytesFreed).toBeGreaterThan(content.length)
  expect(await files('solo')).toEqual([])
  expect(await files('released')).toEqual([])
  await expect(there.readWhole(location)).rejects.toThrow(MissingBytesError)
})

test('releasing what a row still holds does no harm', async () => {
  const rows = new Rows()
  const store = await open()
  rows.locations.set('copy', (await store.put([randomBytes(2 * MIB)])).location)
  await store.release([rows.get('copy')])
  for (let i = 0; i < 3; i++) {
    await store.sweep({ listLive: rows.listLive, move: rows.move, scope: 'released' })
    clock.advance(2 * HOUR_MS)
  }
  expect(await store.readWhole(rows.get('copy'))).toHaveLength(2 * MIB)
})

test('a row that copies a location while it is condemned saves its bytes', async () => {
  const rows = new Rows()
  const store = await open()
  const { location } = await store.put([randomBytes(2 * MIB)])
  await store.release([location])
  const sweep = { listLive: rows.listLive, move: rows.move, scope: 'released' as const }
  expect((await store.sweep(sweep)).volumesWaiting).toBe(1)
  rows.locations.set('late copy', location)
  clock.advance(2 * HOUR_MS)
  expect((await store.sweep(sweep)).volumesRemoved).toBe(0)
  expect(await store.readWhole(location)).toHaveLength(2 * MIB)
})

test('readers get right bytes while sweeps move and remove under them', async () => {
  const rows = new Rows()
  const options = { volumeBytes: 256 * KIB, lookUpMs: 50, sealAfterMs: 1000, clock: systemClock }
  const [here, there] = [await open(options), await open(options)]
  const contentOf = (name: string) => Buffer.alloc(1000 + (Number(name) % 7) * 3000, name)
  const put = async (name: string) => rows.locations.set(name, (await here.put([contentOf(name)])).location)
  for (let i = 0; i < 300; i++) await put(`${i}`)
  const [startedAtMs, endsAtMs] = [Date.now(), Date.now() + 15_000]
  let reads = 0
  let moved = 0
  let removed = 0
  const goesOn = () => Date.now() < endsAtMs && (Date.now() < startedAtMs + 3500 || moved === 0 || removed === 0)
  const read = async (store: LocalByteStore) => {
    while (goesOn()) {
      const names = [...rows.locations.keys()]
      const name = names[Math.floor(Math.random() * names.length)]!
      const bytes = await store.readWhole(rows.get(name))
      expect(bytes.equals(contentOf(name))).toBe(true)
      reads++
    }
  }
  const churn = async () => {
    for (let i = 300; goesOn(); i++) {
      await put(`${i}`)
      const names = [...rows.locations.keys()]
      const name = names[Math.floor(Math.random() * names.length)]!
      const location = rows.get(name)
      rows.locations.delete(name)
      await there.release([location])
    }
  }
  const sweep = async (store: LocalByteStore, scope: 'all' | 'released') => {
    while (goesOn()) {
      await there.renewLease()
      const swept = { listLive: rows.listLive, move: rows.move, scope, graceMs: 2000, moveBelowLiveShare: 0.8 }
      const report = await store.sweep(swept)
      moved += report.bytesMoved
      removed += report.volumesRemoved
    }
  }
  await Promise.all([read(here), read(here), read(there), churn(), sweep(here, 'all'), sweep(there, 'released')])
  expect(reads).toBeGreaterThan(100)
  expect(moved).toBeGreaterThan(0)
  expect(removed).toBeGreaterThan(0)
  for (const [name, location] of rows.locations) {
    expect((await there.readWhole(location)).equals(contentOf(name))).toBe(true)
  }
})

test('bytes whose row is still to come survive sweeps until the grace is over', async () => {
  const rows = new Rows()
  const [here, there] = [await open(), await open()]
  const small = (await here.put([Buffer.alloc(100, 1)])).location
  const large = (await here.put([Buffer.alloc(2 * MIB, 2)])).location
  const sweepTwice = async () => {
    let removed = 0
    for (let i = 0; i < 2; i++) {
      clock.advance(10 * 60_000)
      for (const store of [here, there]) await store.renewLease()
      removed += (await there.sweep({ listLive: rows.listLive, move: rows.move, scope: 'all' })).volumesRemoved
    }
    return removed
  }
  expect(await sweepTwice()).toBe(0)
  expect((await here.readWhole([small, large])).length).toBe(2 * MIB + 100)
  // The first volume was idle too long to be appended to.
  const later = (await here.put([Buffer.alloc(100, 3)])).location
  expect(volumeOf(later)).not.toBe(volumeOf(small))
  await setFileTime(clock.now(), later)
  clock.advance(45 * 60_000)
  expect(await sweepTwice()).toBe(2)
  for (const orphan of [small, large]) await expect(here.readWhole(orphan)).rejects.toThrow(MissingBytesError)
  expect(await here.readWhole(later)).toHaveLength(100)
})

/** Files carry the machine's time; this gives one the time of the test's clock. */
async function setFileTime(at: Date, location: string): Promise<void> {
  for (const file of await files('packed')) if (file.endsWith(volumeOf(location))) await fs.utimes(file, at, at)
}

test.skipIf(process.platform !== 'linux' || process.getuid?.() !== 0)(
  'on a real disk that is full puts fail, reads go on, and puts work again when there is room',
  async () => {
    const mounted = path.join(directory, 'small')
    await fs.mkdir(mounted)
    await run('mount', ['-t', 'tmpfs', '-o', 'size=6m', 'tmpfs', mounted])
    const store = await open({ directory: mounted })
    try {
      const rows = new Rows()
      let puts = 0
      const fill = async () => {
        for (;;) rows.locations.set(`${puts++}`, (await store.put([Buffer.alloc(100_000, puts)])).location)
      }
      await expect(fill()).rejects.toThrow(NoSpaceError)
      await expect(store.put([Buffer.alloc(3 * MIB)])).rejects.toThrow(NoSpaceError)
      expect(rows.locations.size).toBeGreaterThan(40)
      for (const [name, location] of rows.locations) {
        expect((await store.readWhole(location)).equals(Buffer.alloc(100_000, Number(name) + 1))).toBe(true)
      }
      const released = [...rows.locations.values()]
      rows.locations.clear()
      await store.release(released)
      for (let i = 0; i < 2; i++) {
        clock.advance(2 * HOUR_MS)
        await store.sweep({ listLive: rows.listLive, move: rows.move, scope: 'released' })
      }
      expect((await store.put([Buffer.alloc(3 * MIB)])).bytes).toBe(3 * MIB)
    } finally {
      await store.close()
      await run('umount', ['--lazy', mounted])
    }
  },
)
