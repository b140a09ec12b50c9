/**
 * Brings versions to buckets that their bucket is replicated to. The queue says which versions changed; what is to be
 * done follows from what the source and the target hold now, so that a row may be tried again after any failure.
 *
 * - Where a rule names a role, each act is the role's: it must trust object storage and be allowed to read the source
 *   and to write the target, and it alone may use customers' keys. A rule without one does what whoever made it was
 *   allowed then.
 * - Nothing leaves a region unless the residency gate says so. Its refusal is kept with the row, shown by
 *   GetBucketReplicationProgress, and asked again later.
 * - Copies carry `isReplica` and are written with `oss.replica` set: they go no further, so two buckets may be
 *   replicated to each other. Where both were written, the later write wins.
 * - Objects under customers' keys that a rule does not cover are counted, and told by GetBucketReplicationProgress.
 * - With versioning, copies have the ids of their originals; a version that is there is not copied again.
 */

import type { Clock } from '@pileus/kernel/clock'
import type { RegionBytes } from '@pileus/kernel/fabric/region-bytes'
import type { Log } from '@pileus/kernel/log'
import { englishOf } from '@pileus/kernel/messages/text'
import type { Principal, ResidencyGate } from '@pileus/kernel/ports'
import type { Reconciler } from '@pileus/kernel/reconcile'
import type { Store } from '@pileus/kernel/store/store'
import type { Bucket } from '../domain/bucket.ts'
import { type ReplicationRule, replicatesDeletions } from '../domain/replication.ts'
import type { ObjectKeys } from '../object-keys.ts'
import type { RoleAct, ServiceRoles } from '../service-roles.ts'
import { findBucket, findBucketById } from '../tables/buckets.ts'
import {
  countSkipped,
  deferQueued,
  findVersionBySeq,
  listQueued,
  listReplicationRules,
  type QueuedVersion,
  queueHistory,
  removeQueued,
  startReplicationRules,
} from '../tables/replication.ts'
import { inTransaction } from '../transaction.ts'
import { copyVersion, removeCopy, writeMarker } from './replicate-version.ts'

export interface ReplicationParts {
  store: Store
  bytes: RegionBytes
  /** Of the platform, for rules without a role: those do not cover objects under customers' keys. */
  objectKeys: ObjectKeys
  keysOf(principal: Principal): ObjectKeys
  roles: ServiceRoles
  clock: Clock
  residency: ResidencyGate
  log: Log
}

/** Keys of a rule's history that are queued at a time, once the queue is empty. */
const historyKeys = 500
const batch = 100
const retryDeniedMs = 10 * 60_000
const retryFailedMs = 60_000

export function createReplicationReconciler(parts: ReplicationParts): Reconciler {
  return {
    name: 'oss.replication',
    everyMs: 2_000,
    wakeOn: [],
    async pass() {
      const rules = await listReplicationRules(parts.store.pool)
      if (rules.some((rule) => rule.status === 'starting')) await startReplicationRules(parts.store.pool)
      for (const rule of rules) await replicate(parts, rule)
    },
  }
}

async function replicate(parts: ReplicationParts, rule: ReplicationRule): Promise<void> {
  const { store } = parts
  for (;;) {
    await drain(parts, rule)
    if (!(await inTransaction(store, (db) => queueHistory(db, rule, historyKeys)))) return
  }
}

/** Tries each queued version once. */
async function drain(parts: ReplicationParts, rule: ReplicationRule): Promise<void> {
  const { store, clock, log } = parts
  for (let afterId = 0; ; ) {
    const queued = await listQueued(store.pool, rule, clock.now(), { afterId, limit: batch })
    if (queued.length === 0) return
    const source = await findBucketById(store.pool, rule.bucketId)
    const target = await findBucket(store.pool, rule.targetBucket)
    if (!source) return
    const stuck = new Set<string>()
    for (const version of queued) {
      afterId = version.queueId
      // Versions of a key arrive in their order.
      if (stuck.has(version.key)) continue
      const problem = await bringOver(parts, rule, source, target, version).catch((error: unknown) => {
        log.warn({ err: error, bucket: source.name, key: version.key }, 'an object was not replicated')
        return { reason: error instanceof Error ? error.message : String(error), retryMs: retryFailedMs }
      })
      if (!problem) {
        await removeQueued(store.pool, version.queueId)
        continue
      }
      stuck.add(version.key)
      const retryAt = new Date(clock.now().getTime() + problem.retryMs)
      await deferQueued(store.pool, version.queueId, problem.reason, retryAt)
    }
  }
}

interface Problem {
  reason: string
  retryMs: number
}

/** Undefined when nothing is left to be done about this version. */
async function bringOver(
  parts: ReplicationParts,
  rule: ReplicationRule,
  source: Bucket,
  target: Bucket | undefined,
  version: QueuedVersion,
): Promise<Problem | undefined> {
  if (target?.accountId !== source.accountId || target.regionId !== rule.targetRegionId) {
    return { reason: `The bucket ${rule.targetBucket} is not there any more.`, retryMs: retryDeniedMs }
  }
  const { store, residency } = parts
  const object = await findVersionBySeq(store.pool, source.bucketId, version)
  const isWritten = object !== undefined && !object.isMarker
  if (isWritten ? object.meta.isReplica : !replicatesDeletions(rule)) return undefined
  if (isWritten && object.meta.encryption?.algorithm === 'KMS' && !rule.replicatesEncrypted) {
    await countSkipped(store.pool, rule, skipsEncrypted)
    return undefined
  }
  const { key } = version
  const reading = { permission: 'oss:ReplicateGet', bucket: source, key } as const
  const writing = { permission: isWritten ? 'oss:ReplicatePut' : 'oss:ReplicateDelete', bucket: target, key } as const
  const actor = await findActor(parts.roles, rule, source, isWritten ? [reading, writing] : [writing])
  if (actor.kind === 'refused') return { reason: actor.reason, retryMs: retryDeniedMs }
  if (object && !isWritten) return writeMarker(parts, target, object)
  if (!object) return removeCopy(parts, { source, target }, version)
  const decision = await residency.mayMove({
    accountId: source.accountId as Parameters<ResidencyGate['mayMove']>[0]['accountId'],
    principal: { kind: 'platform', name: 'oss.replicator' },
    action: 'oss:ReplicatePut',
    regionId: target.regionId,
    fromRegionId: source.regionId,
    resource: `acs:oss:${source.regionId}:${source.accountId}:${source.name}/${key}`,
  })
  if (decision.kind === 'denied') return { reason: decision.reason, retryMs: retryDeniedMs }
  const objectKeys = actor.principal ? parts.keysOf(actor.principal) : parts.objectKeys
  return copyVersion({ ...parts, objectKeys }, { rule, source, target }, object)
}

const skipsEncrypted =
  "Objects under customers' keys are replicated by rules with SyncRole, SseKmsEncryptedObjects and ReplicaKmsKeyID only."

/** In whose name the rule acts, once that may do all of it; nobody's where the rule names no role. */
async function findActor(
  roles: ServiceRoles,
  rule: ReplicationRule,
  source: Bucket,
  acts: readonly RoleAct[],
): Promise<{ kind: 'allowed'; principal: Principal | undefined } | { kind: 'refused'; reason: string }> {
  if (rule.role === undefined) return { kind: 'allowed', principal: undefined }
  const opened = await roles.open(source.accountId, rule.role, 'oss.replication')
  if (opened.kind === 'closed') return { kind: 'refused', reason: englishOf(opened.reason) }
  for (const act of acts) {
    const reason = await roles.findRefusal(opened.principal, act)
    if (reason !== undefined) return { kind: 'refused', reason }
  }
  return { kind: 'allowed', principal: opened.principal }
}
