import type { Reconciler } from '@pileus/kernel/reconcile'
import type { Db } from '@pileus/kernel/store/store'
import { recordAccessKeyUses } from './tables/access-keys.ts'

/** When keys were last used: noted in memory on every request, written every minute. */
export interface AccessKeyUses {
  note(accessKeyId: string, at: Date): void
  /** The latest use that is not yet written. */
  find(accessKeyId: string): Date | undefined
  readonly reconciler: Reconciler
}

export function createAccessKeyUses(db: Db): AccessKeyUses {
  const pending = new Map<string, Date>()
  return {
    note(accessKeyId, at) {
      // Keys of sessions have no row.
      if (!accessKeyId.startsWith('STS.')) pending.set(accessKeyId, at)
    },
    find: (accessKeyId) => pending.get(accessKeyId),
    reconciler: {
      name: 'ram.access-key-uses',
      everyMs: 60_000,
      wakeOn: [],
      async pass() {
        const written = new Map(pending)
        await recordAccessKeyUses(db, written)
        // A key that was used again meanwhile stays for the next pass.
        for (const [id, at] of written) if (pending.get(id) === at) pending.delete(id)
      },
    },
  }
}
