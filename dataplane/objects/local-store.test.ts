import { createHash, randomBytes } from 'node:crypto'
import fs from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { ManualClock } from '@pileus/kernel/clock'
import {
  type ByteStore,
  CorruptBytesError,
  type ListLive,
  MissingBytesError,
  type Move,
  SizeMismatchError,
  volumeOf,
} from '@pileus/kernel/fabric/bytes'
import { concatCrc64 } from '@pileus/kernel/fabric/concat-crc64'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type LocalByteStore, type LocalStoreOptions, openLocalStore } from './local-store.ts'

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

/** Rows of a caller: name → location. */
class Rows {
  readonly rows = new Map<string, string>()
  readonly listLive: ListLive = async (volumes) => [
    ...new Set([...this.rows.values()].filter((location) => volumes.includes(volumeOf(location)))),
  ]
  readonly move = async (moves: readonly Move[]): Promise<void> => {
    const to = new Map(moves.map((move) => [move.from, move.to]))
    for (const [name, location] of this.rows) this.rows.set(name, to.get(location) ?? location)
  }
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
