/**
 * Which custom domain means which bucket, all of them in memory, since every request with an unknown host asks. A
 * change wakes `oss.cnames` with its commit.
 */
import type { AccountId } from '@pileus/kernel/ids'
import type { Log } from '@pileus/kernel/log'
import type { Store } from '@pileus/kernel/store/store'
import { type WakeListener, wakeChannel } from '@pileus/kernel/wake'
import type { Queryable } from './tables/buckets.ts'
import { listAllDomains } from './tables/cnames.ts'

/** Woken by every change to a domain. */
export const domainsChanged = 'oss.cnames'

export interface Domains {
  /** Name of the bucket that a host means, of lower case and without a port. */
  find(host: string): string | undefined
  /** Whether it is a name of this installation, or below one: nobody may have it. */
  isOwnName(domain: string): boolean
  /**
   * Whether the account may have a domain only with a proof that it is its own. Without one whoever comes first could
   * have any name, also those by which people reach this installation and which it does not know.
   */
  needsProof(accountId: string): boolean
  /** Makes every process read them again once the transaction has committed. */
  announce(db: Queryable): Promise<void>
  /** Reads them again. */
  refresh(): Promise<void>
  close(): void
}

interface Parts {
  store: Store
  wakes: Pick<WakeListener, 'on'>
  log: Log
  ownNames: readonly string[]
  ownAccountId: AccountId
}

export function rememberDomains({ store, wakes, log, ownNames, ownAccountId }: Parts): Domains {
  let known: ReadonlyMap<string, string> = new Map()
  let isClosed = false
  const refresh = async (): Promise<void> => {
    known = await listAllDomains(store.pool)
  }
  const refreshSoon = (): void => {
    refresh().catch((error: unknown) => {
      if (!isClosed) log.warn({ err: error }, 'the domains of buckets could not be read; those known before are kept')
    })
  }
  const stop = wakes.on(domainsChanged, refreshSoon)
  refreshSoon()
  return {
    find: (host) => known.get(host),
    isOwnName: (domain) => ownNames.some((name) => domain === name || domain.endsWith(`.${name}`)),
    needsProof: (accountId) => accountId !== ownAccountId,
    async announce(db) {
      await db.query('select pg_notify($1, $2)', [wakeChannel, domainsChanged])
    },
    refresh,
    close() {
      isClosed = true
      stop()
    },
  }
}
