import { objectError } from '@pileus/kernel/object-protocol'
import { allowOnly } from '../domain/xml.ts'
import { getValue } from '../domain/xml-values.ts'
import { errors } from '../errors.ts'
import { onBucket } from '../operation.ts'
import { setBucketSetting } from '../tables/buckets.ts'
import { listReplicationRules, removeReplicationRule } from '../tables/replication.ts'

/** Removes a rule. What was copied stays. */
export const DeleteBucketReplication = onBucket({
  name: 'DeleteBucketReplication',
  route: { method: 'POST', subresources: ['replication', 'comp=delete'] },
  permission: 'oss:DeleteBucketReplication',
  async run({ buckets, bucket }, request) {
    const root = await request.readXml('ReplicationRules')
    allowOnly(root, 'ID')
    const id = getValue(root, 'ID')
    await buckets.change(bucket.name, async (db) => {
      if (!(await removeReplicationRule(db, bucket.bucketId, id))) {
        throw objectError(errors.NoSuchReplicationRule, { facts: { id: id.slice(0, 64) } })
      }
      const rest = await listReplicationRules(db, bucket.bucketId)
      if (rest.length === 0) await setBucketSetting(db, bucket.bucketId, 'isReplicated', undefined)
    })
    return { status: 200 }
  },
})
