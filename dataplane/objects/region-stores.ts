/**
 * One local store per region, each in a directory of its own and opened when it is first used. A location begins with
 * its region: `cnhangzhoup0123….0.5k` is `p0123….0.5k` in the store of `cn-hangzhou`. Locations without a region are
 * of the store that all regions shared before, in the directory above; nothing new is put there.
 */
import { join } from 'node:path'
import {
  type ByteRange,
  type ByteStore,
  MissingBytesError,
  type PutOptions,
  type ScrubOptions,
  type ScrubReport,
  type StoredBytes,
  type SweepOptions,
  type SweepReport,
} from '@pileus/kernel/fabric/bytes'
import type { RegionBytes } from '@pileus/kernel/fabric/region-bytes'
import { realDisk } from './disk.ts'
import { type LocalStoreOptions, openLocalStore } from './local-store.ts'
import { RecentBytes } from './recent-bytes.ts'

/** Of all regions together, in bytes. */
const recentBytes = { maxBytes: 32 * 1024 * 1024, maxRecordBytes: 64 * 1024 }

/** `directory` holds a directory for each region that was ever put something in. */
export async function openRegionStores(options: LocalStoreOptions): Promise<RegionStores> {
  await (options.disk ?? realDisk).ensureDirectory(options.directory)
  return new RegionStores(options)
}

/** The store that has no region. */
const shared = ''

export class RegionStores implements RegionBytes {
  readonly #options: LocalStoreOptions
  readonly #stores = new Map<string, RegionStore>()
  readonly #ofRegion = new Map<string, RegionStore>()
  readonly #recent = new RecentBytes(recentBytes)

  /** Use `openRegionStores`. */
  constructor(options: LocalStoreOptions) {
    this.#options = options
  }

  of(regionId: string): RegionStore {
    return this.#ofRegion.get(regionId) ?? this.#begin(regionId)
  }

  #begin(regionId: string): RegionStore {
    const tag = regionId.replaceAll('-', '')
    if (!/^[a-z0-9]{2,24}$/.test(tag)) throw new Error(`"${regionId}" is no region id`)
    const store = this.#store(tag, regionId)
    this.#ofRegion.set(regionId, store)
    return store
  }

  #store(tag: string, directory: string): RegionStore {
    let store = this.#stores.get(tag)
    if (!store) {
      const options = { ...this.#options, directory: join(this.#options.directory, directory) }
      store = new RegionStore(tag, options, this.#recent, () => this.#store(shared, '.'))
      this.#stores.set(tag, store)
    }
    return store
  }

  /** Every store that has something on disk. */
  async #all(): Promise<RegionStore[]> {
    const names = await (this.#options.disk ?? realDisk).list(this.#options.directory)
    const regions = names.filter((name) => name.includes('-')).map((name) => this.of(name))
    return names.includes('packed') ? [...regions, this.#store(shared, '.')] : regions
  }

  async #storeOf(location: string): Promise<RegionStore> {
    const tag = tagOf(location)
    for (const store of this.#stores.values()) if (store.tag === tag) return store
    const found = (await this.#all()).find((store) => store.tag === tag)
    if (!found) throw new MissingBytesError(location)
    return found
  }

  async *read(locations: string | readonly string[], range?: ByteRange): AsyncGenerator<Buffer, void, undefined> {
    const [first] = typeof locations === 'string' ? [locations] : locations
    if (first === undefined) return
    yield* (await this.#storeOf(first)).read(locations, range)
  }

  async readWhole(locations: string | readonly string[], range?: ByteRange): Promise<Buffer> {
    const [first] = typeof locations === 'string' ? [locations] : locations
    return first === undefined ? Buffer.alloc(0) : await (await this.#storeOf(first)).readWhole(locations, range)
  }

  async release(locations: readonly string[]): Promise<void> {
    const byTag = new Map<string, string[]>()
    for (const location of locations) byTag.set(tagOf(location), [...(byTag.get(tagOf(location)) ?? []), location])
    for (const group of byTag.values()) {
      // Hints for a store that is gone help nobody.
      const store = await this.#storeOf(group[0] ?? '').catch(() => undefined)
      await store?.release(group)
    }
  }

  async sweep(options: SweepOptions): Promise<SweepReport> {
    const sum = { volumesSeen: 0, volumesRemoved: 0, bytesFreed: 0, bytesMoved: 0, volumesWaiting: 0 }
    for (const store of await this.#all()) addTo(sum, await store.sweep(options))
    return sum
  }

  async scrub(options: ScrubOptions): Promise<ScrubReport> {
    const sum = { bytesRead: 0, locationsRead: 0, corrupt: 0 }
    for (const store of await this.#all()) addTo(sum, await store.scrub(options))
    return sum
  }

  async close(): Promise<void> {
    await Promise.all([...this.#stores.values()].map((store) => store.close()))
  }
}

function addTo<Sum extends Record<keyof Sum, number>>(sum: Sum, more: Sum): void {
  for (const key of Object.keys(sum) as (keyof Sum)[]) sum[key] = (sum[key] + more[key]) as Sum[keyof Sum]
}

/** @throws RangeError */
function cut(bytes: Buffer, range: ByteRange | undefined): Buffer {
  if (!range) return bytes
  const end = range.offset + range.length
  if (range.offset < 0 || range.length < 0 || end > bytes.length) {
    throw new RangeError(`bytes ${range.offset} to ${end} of ${bytes.length}`)
  }
  return bytes.subarray(range.offset, end)
}

/** What stands before the volume's own name. */
function tagOf(location: string): string {
  return /^([a-z0-9]*?)(?:[ps][0-9a-f]{20}|empty)\./.exec(location)?.[1] ?? shared
}

/** The store of one region. Gives bytes of no other, save of the one that was shared. */
class RegionStore implements ByteStore {
  readonly tag: string
  readonly #options: LocalStoreOptions
  readonly #recent: RecentBytes
  readonly #shared: () => RegionStore
  #opened: Promise<ByteStore> | undefined

  constructor(tag: string, options: LocalStoreOptions, recent: RecentBytes, shared: () => RegionStore) {
    this.tag = tag
    this.#options = options
    this.#recent = recent
    this.#shared = shared
  }

  #open(): Promise<ByteStore> {
    if (!this.#opened) {
      const opening = openLocalStore(this.#options)
      // The next call tries again.
      opening.catch(() => {
        this.#opened = undefined
      })
      this.#opened = opening
    }
    return this.#opened
  }

  #within(location: string): string {
    if (tagOf(location) !== this.tag) throw new MissingBytesError(location)
    return location.slice(this.tag.length)
  }

  #isShared(locations: string | readonly string[]): boolean {
    const [first = ''] = typeof locations === 'string' ? [locations] : locations
    return this.tag !== shared && first !== '' && tagOf(first) === shared
  }

  #allWithin(locations: string | readonly string[]): string | readonly string[] {
    return typeof locations === 'string' ? this.#within(locations) : locations.map((one) => this.#within(one))
  }

  async put(source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>, options?: PutOptions): Promise<StoredBytes> {
    const stored = await (await this.#open()).put(source, options)
    return { ...stored, location: this.tag + stored.location }
  }

  async *read(locations: string | readonly string[], range?: ByteRange): AsyncGenerator<Buffer, void, undefined> {
    if (this.#isShared(locations)) yield* this.#shared().read(locations, range)
    else yield* (await this.#open()).read(this.#allWithin(locations), range)
  }

  async readWhole(locations: string | readonly string[], range?: ByteRange): Promise<Buffer> {
    if (this.#isShared(locations)) return await this.#shared().readWhole(locations, range)
    const within = this.#allWithin(locations)
    const recent = typeof locations === 'string' ? this.#recent.find(locations) : undefined
    if (recent) return cut(recent, range)
    const bytes = await (await this.#open()).readWhole(within, range)
    if (typeof locations === 'string' && range === undefined) this.#recent.add(locations, bytes)
    return bytes
  }

  async release(locations: readonly string[]): Promise<void> {
    await (await this.#open()).release(locations.map((one) => this.#within(one)))
  }

  async sweep(options: SweepOptions): Promise<SweepReport> {
    return await (await this.#open()).sweep({
      ...options,
      ...this.#translated(options),
      move: (moves) => options.move(moves.map(({ from, to }) => ({ from: this.tag + from, to: this.tag + to }))),
    })
  }

  async scrub(options: ScrubOptions): Promise<ScrubReport> {
    return await (await this.#open()).scrub({ ...options, ...this.#translated(options) })
  }

  /** Rows and reports know locations with their region, the store within knows them without. */
  #translated({ listLive, onCorrupt }: Pick<SweepOptions, 'listLive' | 'onCorrupt'>) {
    return {
      listLive: async (volumes: readonly string[]) =>
        (await listLive(volumes.map((volume) => this.tag + volume))).map((location) => this.#within(location)),
      onCorrupt: (corrupt: { location: string; reason: string }) =>
        onCorrupt?.({ ...corrupt, location: this.tag + corrupt.location }),
    }
  }

  async close(): Promise<void> {
    await (await this.#opened?.catch(() => undefined))?.close()
  }
}
