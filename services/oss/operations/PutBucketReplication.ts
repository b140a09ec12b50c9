import { randomUUID } from 'node:crypto'
import type { AccountId } from '@pileus/kernel/ids'
import { say, type Text } from '@pileus/kernel/messages/text'
import { type ObjectRequest, objectError } from '@pileus/kernel/object-protocol'
import type { Bucket } from '../domain/bucket.ts'
import { readReplication, replicatesDeletions } from '../domain/replication.ts'
import { errors } from '../errors.ts'
import { type BucketContext, onBucket } from '../operation.ts'
import { requirePassRole } from '../service-roles.ts'
import { setBucketSetting } from '../tables/buckets.ts'
import { insertReplicationRule, listReplicationRules } from '../tables/replication.ts'

const maxRules = 100

/**
 * Adds one rule. `reconcilers/replication.ts` then copies, as far as the law allows it: in the name of the role that
 * the rule names, which the caller must be allowed to pass; else the caller must be allowed to do the same by hand.
 */
export const PutBucketReplication = onBucket({
  name: 'PutBucketReplication',
  route: { method: 'POST', subresources: ['replication', 'comp=add'] },
  permission: 'oss:PutBucketReplication',
  async run(context, request) {
    const { bucket, buckets, store, clock, principal, residency } = context
    const given = readReplication(await request.readXml('ReplicationConfiguration'))
    checkTarget(bucket, await buckets.find(given.targetBucket), given)
    await requireRights(context, request, given)
    const existing = await listReplicationRules(store.pool, bucket.bucketId)
    if (existing.length >= maxRules) throw refuse(say`A bucket may have ${maxRules} replication rules.`)
    if (existing.some((rule) => rule.targetBucket === given.targetBucket)) throw alreadyThere(given.targetBucket)
    const decision = await residency.mayMove({
      accountId: bucket.accountId as AccountId,
      principal,
      action: 'oss:PutBucketReplication',
      regionId: given.targetRegionId,
      fromRegionId: bucket.regionId,
      resource: `acs:oss:${bucket.regionId}:${bucket.accountId}:${bucket.name}`,
      requestId: request.requestId,
    })
    if (decision.kind === 'denied') {
      const reason = `Data may not be replicated to ${given.targetRegionId}: ${decision.reason}`
      throw objectError(errors.AccessDenied, { facts: { reason } })
    }
    const ruleId = given.ruleId ?? randomUUID()
    await buckets.change(bucket.name, async (db) => {
      const rule = { ...given, bucketId: bucket.bucketId, ruleId, status: 'starting' } as const
      if (!(await insertReplicationRule(db, rule, clock.now()))) throw alreadyThere(given.targetBucket)
      await setBucketSetting(db, bucket.bucketId, 'isReplicated', true)
    })
    return { status: 200, headers: { 'x-oss-replication-rule-id': ruleId } }
  },
})

/** @throws AccessDenied */
async function requireRights(
  context: BucketContext,
  request: ObjectRequest,
  { role, prefixes, targetBucket: target, action }: ReturnType<typeof readReplication>,
): Promise<void> {
  const source = context.bucket.name
  const actions = [
    ['oss:ReplicateGet', [source, ...(role === undefined ? [] : [target])]],
    ...(role === undefined ? [['oss:ReplicatePut', [target]] as const] : []),
    ...(role === undefined && replicatesDeletions({ action }) ? [['oss:ReplicateDelete', [target]] as const] : []),
  ] as const
  for (const [permission, names] of actions) {
    for (const bucket of names) {
      for (const prefix of prefixes.length === 0 ? [''] : prefixes) {
        // The gate is asked by itself, since the data moves.
        await context.mayAlso({ permission, places: false }, { bucket, key: `${prefix}*` })
      }
    }
  }
  if (role !== undefined) await requirePassRole(context, request, role)
}

/** @throws InvalidTargetBucket, InvalidTargetLocation, InvalidArgument */
function checkTarget(
  source: Bucket,
  target: Bucket | undefined,
  { targetBucket, targetRegionId, transferType }: ReturnType<typeof readReplication>,
): void {
  if (target?.accountId !== source.accountId) {
    const reason = `no bucket "${targetBucket.slice(0, 63)}" of this account exists.`
    throw objectError(errors.InvalidTargetBucket, { facts: { reason } })
  }
  if (target.bucketId === source.bucketId) {
    throw objectError(errors.InvalidTargetBucket, { facts: { reason: say`a bucket is not replicated to itself.` } })
  }
  if (target.regionId !== targetRegionId) {
    throw objectError(errors.InvalidTargetLocation, { facts: { location: `oss-${target.regionId}` } })
  }
  if (transferType === 'oss_acc' && target.regionId === source.regionId) {
    throw refuse(say`TransferType oss_acc is for buckets of different regions.`)
  }
  if (target.versioning !== source.versioning) {
    throw refuse(say`Both buckets must have the same versioning status. Set it with PutBucketVersioning first.`)
  }
}

function refuse(reason: Text) {
  return objectError(errors.InvalidArgument, { facts: { reason } })
}

function alreadyThere(target: string) {
  return objectError(errors.BucketReplicationAlreadyExist, { facts: { target } })
}
