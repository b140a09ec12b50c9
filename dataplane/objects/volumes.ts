import type { ListLive } from '@pileus/kernel/fabric/bytes'
import { volumeOf } from '@pileus/kernel/fabric/bytes'
import type { Disk } from './disk.ts'
import { isVolume, kindOf, type StoreLayout } from './location.ts'

const SOLOS_AT_ONCE = 500

/**
 * Every volume of the store, in batches of which the live locations fit in memory: one packed volume, or many solo
 * ones.
 */
export async function* listVolumeBatches(disk: Disk, layout: StoreLayout): AsyncGenerator<string[]> {
  yield* batchVolumes(await disk.list(layout.packed))
  for (let shard = 0; shard < 256; shard++) {
    yield* batchVolumes(await disk.list(`${layout.solo}/${shard.toString(16).padStart(2, '0')}`))
  }
}

/** Leaves out what is not the name of a volume. */
export function* batchVolumes(names: readonly string[]): Generator<string[]> {
  let solos: string[] = []
  for (const name of names) {
    if (!isVolume(name)) continue
    if (kindOf(name) === 'packed') yield [name]
    else if (solos.push(name) === SOLOS_AT_ONCE) {
      yield solos
      solos = []
    }
  }
  if (solos.length > 0) yield solos
}

/** Live locations by volume; volumes without any have an empty list. */
export async function groupLive(listLive: ListLive, volumes: readonly string[]): Promise<Map<string, string[]>> {
  const live = new Map<string, string[]>(volumes.map((volume) => [volume, []]))
  for (const location of await listLive(volumes)) live.get(volumeOf(location))?.push(location)
  return live
}
