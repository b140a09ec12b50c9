/** What every byte store promises, on each that there is: a directory of this machine, and a bucket of an S3 server. */
import { createHash, randomBytes } from 'node:crypto'
import fs from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { ManualClock } from '@pileus/kernel/clock'
import { CorruptBytesError, MissingBytesError, SizeMismatchError, volumeOf } from '@pileus/kernel/fabric/bytes'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { realDisk } from './disk.ts'
import { type LocalByteStore, type LocalStoreOptions, openLocalStore } from './local-store.ts'
import { openRegionStores } from './region-stores.ts'
import { S3Client, type S3Place } from './s3-client.ts'
import { S3Disk } from './s3-disk.ts'
import { s3StoreOptions } from './s3-store.ts'
import { Rows } from './testing/rows.ts'
import { findMinio, noS3Server, type S3Server, startMinio } from './testing/s3-server.ts'

const MIB = 1024 * 1024
const HOUR_MS = 3_600_000

interface Backend {
  options(): LocalStoreOptions
  /** Changes one byte of a volume behind the store's back. */
  damage(volume: string, at: number): Promise<void>
  listVolumes(): Promise<string[]>
}

function promises(backend: () => Backend): void {
  let clock: ManualClock
  const opened: LocalByteStore[] = []
  beforeEach(() => {
    clock = new ManualClock(new Date())
  })
  afterEach(async () => {
    for (const store of opened.splice(0)) await store.close()
  })
  const open = async (): Promise<LocalByteStore> => {
    const store = await openLocalStore({ ...backend().options(), clock, renewEveryMs: 0 })
    opened.push(store)
    return store
  }
  async function* inChunks(bytes: Buffer, chunkBytes: number): AsyncGenerator<Buffer> {
    for (let at = 0; at < bytes.length; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes)
  }

  test.each([0, 1, 65_536, 65_537, 300_001, 3 * MIB + 5, 19 * MIB + 77])(
    '%i bytes come back, whole and in ranges',
    async (bytes) => {
      const store = await open()
      const content = randomBytes(bytes)
      const stored = await store.put(inChunks(content, 70_001), { expectedBytes: bytes })
      expect(stored).toMatchObject({ bytes, md5Hex: createHash('md5').update(content).digest('hex') })
      expect(stored.location).toMatch(/^[a-z0-9.]{1,64}$/)
      expect((await store.readWhole(stored.location)).equals(content)).toBe(true)
      for (let i = 0; i < 8; i += 1) {
        const offset = Math.floor(Math.random() * (bytes + 1))
        const length = Math.floor(Math.random() * (bytes - offset + 1))
        const part = await store.readWhole(stored.location, { offset, length })
        expect(part.equals(content.subarray(offset, offset + length))).toBe(true)
      }
      await expect(store.readWhole(stored.location, { offset: 0, length: bytes + 1 })).rejects.toThrow(RangeError)
    },
  )

  test('several locations are read as one, and by several readers at once, of another process too', async () => {
    const [store, other] = [await open(), await open()]
    const content = randomBytes(5 * MIB)
    const locations: string[] = []
    for (const [from, to] of [
      [0, 1000],
      [1000, 3 * MIB],
      [3 * MIB, 5 * MIB],
    ]) {
      locations.push((await store.put([content.subarray(from, to)])).location)
    }
    const read = async (reader: LocalByteStore, offset: number, length: number) =>
      expect((await reader.readWhole(locations, { offset, length })).equals(content.subarray(offset, offset + length)))
    const reads = [read(other, 0, 5 * MIB), read(store, 500, 4 * MIB), read(other, 2 * MIB, 2 * MIB), read(store, 0, 1)]
    for (const right of await Promise.all(reads)) right.toBe(true)
    for await (const first of store.read(locations)) {
      expect(content.subarray(0, first.length).equals(first)).toBe(true)
      break
    }
  })

  test('a put that fails leaves nothing', async () => {
    const store = await open()
    const before = await backend().listVolumes()
    const broken = async function* () {
      yield randomBytes(10 * MIB)
      throw new Error('the client went away')
    }
    await expect(store.put(broken())).rejects.toThrow('the client went away')
    await expect(store.put([randomBytes(3 * MIB)], { expectedBytes: 4 * MIB })).rejects.toThrow(SizeMismatchError)
    const abort = new AbortController()
    const leaving = async function* () {
      yield randomBytes(3 * MIB)
      abort.abort(new Error('the client left'))
      await new Promise(() => {})
    }
    await expect(store.put(leaving(), { signal: abort.signal })).rejects.toThrow('the client left')
    expect((await backend().listVolumes()).sort()).toEqual(before.sort())
  })

  test('what is not there is missing, and what was changed is damaged, never other bytes', async () => {
    const store = await open()
    const content = randomBytes(2 * MIB)
    const { location } = await store.put([content])
    const [, ...rest] = location.split('.')
    await expect(store.readWhole(['s00000000000000000000', ...rest].join('.'))).rejects.toThrow(MissingBytesError)
    const rows = new Rows()
    rows.locations.set('object', location)
    for (const at of [3, 700_000]) {
      await backend().damage(volumeOf(location), at)
      await expect(store.readWhole(location)).rejects.toThrow(CorruptBytesError)
      const found: string[] = []
      await store.scrub({ listLive: rows.listLive, onCorrupt: (corrupt) => found.push(corrupt.location) })
      expect(found).toEqual([location])
      await backend().damage(volumeOf(location), at)
      expect((await store.readWhole(location)).equals(content)).toBe(true)
    }
  })

  test('what no row holds is swept after its grace, and what one holds stays, however often it is released', async () => {
    const store = await open()
    const rows = new Rows()
    const contents = new Map<string, Buffer>()
    const orphans: string[] = []
    for (let i = 0; i < 6; i += 1) {
      const content = randomBytes(i % 2 === 0 ? 1000 : 2 * MIB)
      const { location } = await store.put([content])
      if (i < 2) {
        rows.locations.set(`${i}`, location)
        contents.set(`${i}`, content)
      } else orphans.push(location)
    }
    await store.release([...rows.locations.values(), ...orphans])
    await store.release(orphans)
    const sweep = (scope: 'all' | 'released') => store.sweep({ listLive: rows.listLive, move: rows.move, scope })
    for (let i = 0; i < 4; i += 1) {
      clock.advance(2 * HOUR_MS)
      await sweep(i === 0 ? 'released' : 'all')
    }
    const live = new Set([...rows.locations.values()].map(volumeOf))
    expect(new Set(await backend().listVolumes())).toEqual(live)
    for (const [name, content] of contents) {
      expect((await store.readWhole(rows.get(name))).equals(content)).toBe(true)
    }
    for (const orphan of orphans) {
      if (!live.has(volumeOf(orphan))) await expect(store.readWhole(orphan)).rejects.toThrow(MissingBytesError)
    }
  })
}

describe('in a directory', () => {
  let directory: string
  beforeEach(async () => {
    directory = await fs.mkdtemp(path.join(os.tmpdir(), 'objects-contract-'))
  })
  afterEach(() => fs.rm(directory, { recursive: true }))
  const fileOf = (volume: string): string =>
    path.join(directory, volume.startsWith('p') ? `packed/${volume}` : `solo/${volume.slice(-2)}/${volume}`)
  promises(() => ({
    options: () => ({ directory }),
    async damage(volume, at) {
      const file = await fs.open(fileOf(volume), 'r+')
      const byte = Buffer.alloc(1)
      await file.read(byte, 0, 1, at)
      byte[0]! ^= 0x10
      await file.write(byte, 0, 1, at)
      await file.close()
    },
    async listVolumes() {
      const entries = await fs.readdir(directory, { recursive: true, withFileTypes: true })
      return entries.flatMap((entry) => (/^[ps][0-9a-f]{20}$/.test(entry.name) ? [entry.name] : []))
    },
  }))
})

const minio = findMinio()
describe.skipIf(minio === undefined)(`in a bucket of MinIO${minio ? '' : ` (${noS3Server})`}`, () => {
  let server: S3Server
  let client: S3Client
  let prefix = 'none/'
  beforeAll(async () => {
    server = await startMinio(minio!)
    client = new S3Client(server.place)
  })
  afterAll(async () => {
    client?.close()
    await server?.[Symbol.asyncDispose]()
  })
  beforeEach(() => {
    prefix = `test-${randomBytes(5).toString('hex')}/`
  })
  const keyOf = (volume: string): string => `${prefix}solo/${volume.slice(-2)}/${volume}`
  const address = (place: S3Place) => ({
    url: `s3://${place.bucket}/${prefix}?endpoint=${encodeURIComponent(place.endpoint)}`,
    accessKeyId: place.accessKeyId,
    accessKeySecret: place.accessKeySecret,
  })
  promises(() => ({
    options: () => s3StoreOptions(address(server.place)),
    async damage(volume, at) {
      const { body } = await client.call({ method: 'GET', key: keyOf(volume) })
      body[at]! ^= 0x10
      await client.call({ method: 'PUT', key: keyOf(volume), body: [body] })
    },
    async listVolumes() {
      const disk = new S3Disk(server.place, prefix)
      const shards = await disk.list('/solo')
      const names = await Promise.all(shards.map((shard) => disk.list(`/solo/${shard}`)))
      return names.flat()
    },
  }))

  test('each region has names of its own in the bucket', async () => {
    const stores = await openRegionStores({ ...s3StoreOptions(address(server.place)), renewEveryMs: 0 })
    const { location } = await stores.of('eu-central-1').put([Buffer.from('hello')])
    expect((await stores.of('eu-central-1').readWhole(location)).toString()).toBe('hello')
    await expect(stores.of('cn-hangzhou').readWhole(location)).rejects.toThrow(MissingBytesError)
    expect(await new S3Disk(server.place, prefix).list('/')).toContain('eu-central-1')
    await stores.close()
    const again = await openRegionStores({ ...s3StoreOptions(address(server.place)), renewEveryMs: 0 })
    expect((await again.readWhole(location)).toString()).toBe('hello')
    await again.close()
  })

  test('an upload that was cut off long ago is given up, and a young one goes on', async () => {
    await client.call({ method: 'POST', key: `${prefix}solo/aa/cut-off`, query: { uploads: '' } })
    // MinIO lists uploads of one key only, and gives old ones up by itself.
    const disk = new S3Disk(server.place, `${prefix}solo/aa/cut-off`)
    const count = async () => {
      const query = { uploads: '', prefix: `${prefix}solo/aa/cut-off` }
      return (await client.call({ method: 'GET', key: '', query })).body.toString().split('<UploadId>').length - 1
    }
    await disk.tidy(Date.now())
    expect(await count()).toBe(1)
    await disk.tidy(Date.now() + 25 * HOUR_MS)
    expect(await count()).toBe(0)
  })
})

test('an address that is none says what is wanted', () => {
  const keys = { accessKeyId: 'a', accessKeySecret: 'b' }
  for (const url of ['bucket', 's3://bucket', 'http://bucket?endpoint=http://a', 's3://UP?endpoint=http://a']) {
    expect(() => s3StoreOptions({ url, ...keys })).toThrow('is not of the form s3://')
  }
  expect(s3StoreOptions({ url: 's3://bytes/a?endpoint=http://127.0.0.1:1', ...keys }).disk).not.toBe(realDisk)
})
