/** Gives back the space of bytes that no row holds any more. */
import type { RegionBytes } from '@pileus/kernel/fabric/region-bytes'
import type { Log } from '@pileus/kernel/log'
import type { Reconciler } from '@pileus/kernel/reconcile'
import type { Store } from '@pileus/kernel/store/store'
import { listGarbage, listLiveLocations, moveLocations, removeGarbage } from '../tables/locations.ts'

interface Parts {
  store: Store
  bytes: RegionBytes
  log: Log
}

const batch = 5_000

/** Tells the byte store what was released, then lets it tidy up what that concerns. */
export function createGarbageReconciler({ store, bytes, log }: Parts): Reconciler {
  return {
    name: 'oss.garbage',
    everyMs: 60_000,
    wakeOn: [],
    async pass() {
      for (;;) {
        const garbage = await listGarbage(store.pool, batch)
        if (garbage.length === 0) break
        await bytes.release(garbage.map((one) => one.location))
        await removeGarbage(store.pool, garbage)
        if (garbage.length < batch) break
      }
      await bytes.sweep({ scope: 'released', ...callbacks({ store, log }) })
    },
  }
}

/** Looks at everything, and so finds bytes whose row was never written. */
export function createSweepReconciler({ store, bytes, log }: Parts): Reconciler {
  return {
    name: 'oss.sweep',
    everyMs: 24 * 3_600_000,
    wakeOn: [],
    pass: async () => void (await bytes.sweep({ scope: 'all', ...callbacks({ store, log }) })),
  }
}

function callbacks({ store, log }: Pick<Parts, 'store' | 'log'>) {
  return {
    listLive: (volumes: readonly string[]) => listLiveLocations(store.pool, volumes),
    move: (moves: readonly { from: string; to: string }[]) => moveLocations(store, moves),
    onCorrupt: (corrupt: { location: string; reason: string }) => log.error(corrupt, 'damaged bytes were found'),
  }
}
