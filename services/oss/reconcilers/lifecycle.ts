/**
 * Applies lifecycle rules. Each bucket with rules is walked once a day (UTC), in batches whose last key is kept, so a
 * process that dies goes on where it stopped. A step asks again under the key's lock whether the version is still what
 * the plan saw; so passes may overlap and writers need not wait.
 */
import type { Clock } from '@pileus/kernel/clock'
import type { Reconciler } from '@pileus/kernel/reconcile'
import type { Store } from '@pileus/kernel/store/store'
import { bucketsChanged } from '../buckets.ts'
import { idleSince } from '../domain/access-monitor.ts'
import { isUploadDue, type LifecycleAction, type LifecycleVersion, planKey } from '../domain/lifecycle-plan.ts'
import { newVersionId } from '../domain/version-id.ts'
import { retainedUntil } from '../domain/worm.ts'
import { findAccessTime } from '../tables/access-times.ts'
import {
  applyLifecycle,
  type KeyVersions,
  type LifecycleRun,
  listLifecycleRuns,
  listUploadsAfter,
  saveLifecycleRun,
  walkKeys,
} from '../tables/lifecycle.ts'
import { findUpload, removeUpload } from '../tables/uploads.ts'
import { inTransaction } from '../transaction.ts'

interface Parts {
  store: Store
  clock: Clock
}

/** Keys after which the place is kept. */
const batchKeys = 2_000
/** Most buckets of one pass. */
const batchBuckets = 100
const uploadsPage = 500
const dayMs = 86_400_000

export function createLifecycleReconciler(parts: Parts): Reconciler {
  return {
    name: 'oss.lifecycle',
    everyMs: 60_000,
    settleMs: 1_000,
    wakeOn: [bucketsChanged],
    async pass() {
      const now = parts.clock.now()
      const day = new Date(Math.floor(now.getTime() / dayMs) * dayMs)
      for (;;) {
        const runs = await listLifecycleRuns(parts.store.pool, day, batchBuckets)
        for (const run of runs) await walkBucket(parts, run, now)
        if (runs.length < batchBuckets) return
      }
    },
  }
}

async function walkBucket({ store }: Parts, run: LifecycleRun, now: Date): Promise<void> {
  if (run.phase === 'keys') {
    let seen = 0
    let lastKey = run.afterKey
    for await (const found of walkKeys(store.pool, run, run.afterKey)) {
      for (const action of allowedActions(run, await withAccess(store, run, found), now)) {
        await applyLifecycle(store.pool, run.bucketId, found.key, action, { at: now, versionId: newVersionId() })
      }
      lastKey = found.key
      seen += 1
      if (seen % batchKeys === 0) await saveLifecycleRun(store.pool, run, 'keys', lastKey)
    }
    await saveLifecycleRun(store.pool, run, 'uploads', '')
  }
  await walkUploads({ store }, run, run.phase === 'uploads' ? run.afterKey : '', now)
  await saveLifecycleRun(store.pool, run, 'done', '')
}

/** The same versions, the current one with the time since which it was not used where a rule asks for that. */
async function withAccess({ pool }: Store, run: LifecycleRun, found: KeyVersions): Promise<PlannedKey> {
  const { accessMonitor, rules } = run
  const [current, ...older] = found.versions
  const isAsked = rules.some(
    (rule) => rule.transitions.some((one) => one.byAccess) && found.key.startsWith(rule.prefix),
  )
  if (!accessMonitor || !isAsked || !current) return found
  const accessedAt = await findAccessTime(pool, run.bucketId, found.key)
  return {
    key: found.key,
    versions: [{ ...current, idleSince: idleSince(accessMonitor, current.modifiedAt, accessedAt) }, ...older],
  }
}

interface PlannedKey {
  key: string
  versions: LifecycleVersion[]
}

/** What the rules ask for and retention does not forbid. */
function allowedActions(run: LifecycleRun, { key, versions }: PlannedKey, now: Date): LifecycleAction[] {
  return planKey(run.rules, key, versions, now).filter((action) => {
    if (action.kind === 'transition') return true
    const version = versions.find((one) => one.versionSeq === action.versionSeq)
    if (!version || version.isMarker) return true
    // A marker before it destroys nothing.
    const isKept = action.kind === 'expire' && run.versioning === 'Enabled'
    return isKept || retainedUntil(run.worm, version.modifiedAt, now) === undefined
  })
}

async function walkUploads(
  { store }: Pick<Parts, 'store'>,
  run: LifecycleRun,
  afterKey: string,
  now: Date,
): Promise<void> {
  if (!run.rules.some((rule) => rule.isEnabled && rule.abort)) return
  let after = { key: afterKey, uploadId: '' }
  for (;;) {
    const uploads = await listUploadsAfter(store.pool, run.bucketId, after, uploadsPage)
    for (const { uploadId, key, initiatedAt } of uploads) {
      if (!isUploadDue(run.rules, key, initiatedAt, now)) continue
      await inTransaction(store, async (db) => {
        if (await findUpload(db, run.bucketId, key, uploadId, 'for update')) await removeUpload(db, uploadId, [])
      })
    }
    const last = uploads.at(-1)
    if (!last || uploads.length < uploadsPage) return
    after = last
    await saveLifecycleRun(store.pool, run, 'uploads', last.key)
  }
}
