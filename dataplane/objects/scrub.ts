import { setTimeout as sleep } from 'node:timers/promises'
import {
  type ByteStore,
  CorruptBytesError,
  MissingBytesError,
  type ScrubOptions,
  type ScrubReport,
} from '@pileus/kernel/fabric/bytes'
import type { Disk } from './disk.ts'
import type { StoreLayout } from './location.ts'
import { groupLive, listVolumeBatches } from './volumes.ts'

/** Reads what lives, volume by volume, no faster than asked. */
export async function scrub(
  store: ByteStore,
  disk: Disk,
  layout: StoreLayout,
  { listLive, bytesPerSecond, onCorrupt, signal }: ScrubOptions,
): Promise<ScrubReport> {
  const report: ScrubReport = { bytesRead: 0, locationsRead: 0, corrupt: 0 }
  const startedMs = performance.now()
  const keepPace = async () => {
    signal?.throwIfAborted()
    if (bytesPerSecond === undefined) return
    const earlyMs = (report.bytesRead / bytesPerSecond) * 1000 - (performance.now() - startedMs)
    if (earlyMs > 1) await sleep(earlyMs, undefined, signal ? { signal } : {})
  }
  const check = async (location: string, volume: string) => {
    try {
      for await (const bytes of store.read(location)) {
        report.bytesRead += bytes.length
        await keepPace()
      }
    } catch (error) {
      if (error instanceof MissingBytesError) {
        // Most likely it was moved or removed since the rows were asked.
        if (!(await listLive([volume])).includes(location)) return
      } else if (!(error instanceof CorruptBytesError)) throw error
      report.corrupt++
      onCorrupt({ location, reason: error.message })
    }
    report.locationsRead++
  }
  for await (const batch of listVolumeBatches(disk, layout)) {
    await keepPace()
    for (const [volume, locations] of await groupLive(listLive, batch)) {
      for (const location of locations) await check(location, volume)
    }
  }
  return report
}
