import type { Log } from '@pileus/kernel/log'
import type { Store } from '@pileus/kernel/store/store'
import type { WakeListener } from '@pileus/kernel/wake'
import { trailsChanged } from './reconcilers/delivery.ts'
import { listDataEventAccounts } from './tables/trails.ts'

export interface DataEventAccounts {
  /** Answers from memory, because every call on an object asks. */
  has(accountId: string | undefined): boolean
  close(): void
}

/** Knows which accounts want calls on objects recorded, a moment after that changed. */
export function watchDataEventAccounts(store: Store, wakes: Pick<WakeListener, 'on'>, log: Log): DataEventAccounts {
  let accounts: ReadonlySet<string> = new Set()
  const refresh = (): void => {
    listDataEventAccounts(store.db).then(
      (found) => {
        accounts = new Set(found)
      },
      (error) => log.warn({ err: error }, 'reading which accounts record calls on objects'),
    )
  }
  refresh()
  const stop = wakes.on(trailsChanged, refresh)
  return {
    has: (accountId) => accountId !== undefined && accounts.has(accountId),
    close: stop,
  }
}
