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
import { type Content, contentOf, countPrincipals, isSuspiciouslyFew, type Snapshot, signSnapshot } from './snapshot.ts'

const reloadAfterMs = 30_000

/** Why regions keep identities that home has no more, until an operator accepts the loss. */
export interface HeldBack {
  /** Names what home holds now: an acceptance is of this and nothing later. */
  digest: string
  regionIds: string[]
  /** How many principals (keys, and identities with policies) home has, and the copy that has most. */
  has: number
  had: number
}

export interface Snapshots {
  readonly copies: readonly RegionCopy[]
  /** What the disk has for the first region, which a process that serves several asks. */
  find(): Promise<Snapshot | undefined>
  readonly reconciler: Reconciler
  /** Undefined when no region would refuse what home holds. */
  findHeldBack(): Promise<HeldBack | undefined>
  /**
   * Rolls it out all the same, as long as home still holds what `digest` names.
   * @throws Error when it does not, or when a region is not well with it
   */
  accept(digest: string): Promise<void>
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
  /** Survives no restart: until every region has taken it, an operator may have to say so again. */
  let acceptedDigest: string | undefined
  const makeAndRollOut = async (): Promise<void> => {
    await loaded
    const content = contentOf(await readHome(store))
    const digest = digestOf(content)
    const behind = copies.filter((copy) => digestOfCopy(copy) !== digest)
    if (behind.length === 0) return
    const version = await nextSnapshotVersion(store.db)
    const signed = signSnapshot(keys.privateKey, { version, madeAt: clock.now(), content })
    const findFault = (snapshot: Snapshot) => findSnapshotFault(secretBox, snapshot)
    const outcome = await rollOut(behind, signed, findFault, log, digest === acceptedDigest)
    if (outcome.kind === 'stopped') throw new Error(`${outcome.regionId} keeps its snapshot: ${outcome.reason}`)
  }
  const passOnce = (): Promise<void> => {
    lastPass = lastPass.catch(() => {}).then(makeAndRollOut)
    return lastPass
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
      pass: passOnce,
    },
    async findHeldBack() {
      await loaded
      const home = await readHome(store)
      const digest = digestOf(contentOf(home))
      const has = countPrincipals(home)
      const refusing = copies.flatMap((copy) => {
        const current = copy.current()
        const had = current ? countPrincipals(current) : 0
        return isSuspiciouslyFew(had, has) ? [{ regionId: copy.regionId, had }] : []
      })
      if (refusing.length === 0) return undefined
      const had = Math.max(...refusing.map((one) => one.had))
      return { digest, has, had, regionIds: refusing.map((one) => one.regionId) }
    },
    async accept(digest) {
      acceptedDigest = digest
      await passOnce()
      if (copies.some((copy) => digestOfCopy(copy) !== digest)) {
        throw new Error('identities have changed since they were looked at; look again, and accept what is there now')
      }
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

function digestOfCopy(copy: RegionCopy): string | undefined {
  const current = copy.current()
  return current && digestOf(contentOf(current))
}

function digestOf(content: Content): string {
  return createHash('sha256').update(canonicalJson(content)).digest('base64')
}
