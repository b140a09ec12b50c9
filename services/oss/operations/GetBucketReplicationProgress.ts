import { objectError } from '@pileus/kernel/object-protocol'
import { describeReplicationRule } from '../domain/replication.ts'
import { xmlTime } from '../domain/times.ts'
import { errors } from '../errors.ts'
import { onBucket } from '../operation.ts'
import { listReplicationRules, readReplicationProgress } from '../tables/replication.ts'

/** Of one rule. Besides what the vendor tells: how many versions could not be brought over, or are left out, and why. */
export const GetBucketReplicationProgress = onBucket({
  name: 'GetBucketReplicationProgress',
  route: { method: 'GET', subresources: ['replicationProgress'] },
  permission: 'oss:GetBucketReplicationProgress',
  async run({ store, bucket, clock }, { query }) {
    const id = query.get('rule-id') ?? ''
    const rule = (await listReplicationRules(store.pool, bucket.bucketId)).find((one) => one.ruleId === id)
    if (!rule) throw objectError(errors.NoSuchReplicationRule, { facts: { id: id.slice(0, 64) } })
    const progress = await readReplicationProgress(store.pool, bucket.bucketId, id)
    const { historyTotal, historyWaiting, isHistoryListed, oldestWaitingAt, failed, failure, skipped, skippedReason } =
      progress
    const share = historyTotal === 0 ? 0 : (historyTotal - historyWaiting) / historyTotal
    // More keys may come, as long as the walk over them has not ended.
    const isDone = isHistoryListed && historyWaiting === 0
    const value = {
      Rule: {
        ...describeReplicationRule(rule),
        Progress: {
          HistoricalObject: rule.isHistorical ? (isDone ? '1' : Math.min(share, 0.99).toFixed(2)) : undefined,
          NewObject: xmlTime(oldestWaitingAt ?? clock.now()),
        },
        Skipped: skipped > 0 ? { Count: skipped, Reason: skippedReason } : undefined,
        Failed: failed > 0 ? { ObjectCount: failed, Reason: failure } : undefined,
      },
    }
    return { status: 200, body: { kind: 'xml', root: 'ReplicationProgress', value } }
  },
})
