/**
 * Reads everything that is stored once a week, slowly, and notes what is damaged. It takes hours where there is much, so
 * a pass only sees to it that one is under way.
 */
import type { Clock } from '@pileus/kernel/clock'
import type { ScrubReport } from '@pileus/kernel/fabric/bytes'
import type { RegionBytes } from '@pileus/kernel/fabric/region-bytes'
import type { Log } from '@pileus/kernel/log'
import type { Reconciler } from '@pileus/kernel/reconcile'
import type { Store } from '@pileus/kernel/store/store'
import { endScrub, findScrubEnd, noteDamage } from '../tables/damage.ts'
import { listLiveLocations } from '../tables/locations.ts'

const everyMs = 7 * 24 * 3_600_000
const bytesPerSecond = 16 * 1024 * 1024

export interface Scrubber {
  reconciler: Reconciler
  /** Reads everything now, as fast as it can be read. */
  scrub(): Promise<ScrubReport>
  close(): Promise<void>
}

interface Parts {
  store: Store
  bytes: RegionBytes
  clock: Clock
  log: Log
}

export function createScrubber({ store, bytes, clock, log }: Parts): Scrubber {
  const stop = new AbortController()
  let running: Promise<void> | undefined

  async function scrub(pace: { bytesPerSecond?: number } = {}): Promise<ScrubReport> {
    const found: string[] = []
    const notes: Promise<void>[] = []
    const report = await bytes.scrub({
      ...pace,
      signal: stop.signal,
      listLive: (volumes) => listLiveLocations(store.pool, volumes),
      onCorrupt(corrupt) {
        log.error(corrupt, 'damaged bytes were found')
        found.push(corrupt.location)
        notes.push(noteDamage(store.pool, corrupt, clock.now()))
      },
    })
    await Promise.all(notes)
    await endScrub(store.pool, found, clock.now())
    return report
  }

  return {
    scrub: () => scrub(),
    reconciler: {
      name: 'oss.scrub',
      everyMs: 3_600_000,
      wakeOn: [],
      async pass() {
        const endedAt = await findScrubEnd(store.pool)
        if (running || (endedAt && clock.now().getTime() - endedAt.getTime() < everyMs)) return
        running = scrub({ bytesPerSecond })
          .then(
            (report) => log.info(report, 'everything stored was read'),
            (error) => {
              if (!stop.signal.aborted) log.error({ err: error }, 'reading everything stored failed')
            },
          )
          .finally(() => {
            running = undefined
          })
      },
    },
    async close() {
      stop.abort(new Error('the cloud stops'))
      await running
    },
  }
}
