/** Makes snapshots at home and keeps a copy for each region that is served. */
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { canonicalJson } from '@pileus/kernel/audit/canonical-json'
import type { Clock } from '@pileus/kernel/clock'
import type { Log } from '@pileus/kernel/log'
import type { Reconciler } from '@pileus/kernel/reconcile'
import type { SecretBox } from '@pileus/kernel/secret-box'
import type { Store } from '@pileus/kernel/store/store'
import { sql } from 'kysely'
import { ramChanged } from '../freshness.ts'
import { nextSnapshotVersion, readCredentials, readPolicies } from '../tables/snapshot-rows.ts'
import { findSnapshotFault } from './health.ts'
import { openSigningKeys } from './keys.ts'
import { createRegionCopy, type RegionCopy } from './region-copy.ts'
import { rollOut } from './roll-out.ts'
import { type Content, contentOf, type Snapshot, signSnapshot } from './snapshot.ts'

const reloadAfterMs = 30_000

export interface Snapshots {
  readonly copies: readonly RegionCopy[]
  /** What the disk has for the first region, which a process that serves several asks. */
  find(): Promise<Snapshot | undefined>
  readonly reconciler: Reconciler
}

export function createSnapshots(parts: {
  store: Store
  secretBox: SecretBox
  clock: Clock
  log: Log
  /** Where the signing key and the copies are kept. */
  directory: string
  /** In the order of the roll-out. */
  regionIds: readonly string[]
}): Snapshots {
  const { store, secretBox, clock, log, directory, regionIds } = parts
  const keys = openSigningKeys(join(directory, 'signing.key'))
  const copies = regionIds.map((regionId) => createRegionCopy(directory, regionId, keys.publicKey))
  const loaded = Promise.all(copies.map((copy) => copy.load()))
  // It is awaited by each pass; until then a failure must not count as unhandled.
  loaded.catch(() => {})
  let lastPass: Promise<void> = Promise.resolve()
  const makeAndRollOut = async (): Promise<void> => {
    await loaded
    const content = contentOf(await readHome(store))
    const digest = digestOf(content)
    const isCurrent = (copy: RegionCopy): boolean => {
      const current = copy.current()
      return current !== undefined && digestOf(contentOf(current)) === digest
    }
    const behind = copies.filter((copy) => !isCurrent(copy))
    if (behind.length === 0) return
    const version = await nextSnapshotVersion(store.db)
    const signed = signSnapshot(keys.privateKey, { version, madeAt: clock.now(), content })
    const outcome = await rollOut(behind, signed, (snapshot) => findSnapshotFault(secretBox, snapshot), log)
    if (outcome.kind === 'stopped') throw new Error(`${outcome.regionId} keeps its snapshot: ${outcome.reason}`)
  }
  let loadedMs = Number.NEGATIVE_INFINITY
  return {
    copies,
    async find() {
      const [copy] = copies
      // Another process of this cell may have kept a newer one.
      if (copy && performance.now() - loadedMs > reloadAfterMs) {
        loadedMs = performance.now()
        await copy.load()
      }
      return copy?.current()
    },
    reconciler: {
      name: 'ram.snapshots',
      everyMs: 60_000,
      settleMs: 5_000,
      wakeOn: [ramChanged],
      // One after the other: of two snapshots made at once, regions would refuse the one that comes later.
      pass() {
        lastPass = lastPass.catch(() => {}).then(makeAndRollOut)
        return lastPass
      },
    },
  }
}

/** Keys and policies of one moment. */
async function readHome(store: Store): Promise<Pick<Snapshot, 'credentials' | 'policies'>> {
  return await store.transaction(async (tx) => {
    await sql`set transaction isolation level repeatable read, read only`.execute(tx)
    return { credentials: await readCredentials(tx), policies: await readPolicies(tx) }
  })
}

function digestOf(content: Content): string {
  return createHash('sha256').update(canonicalJson(content)).digest('base64')
}
