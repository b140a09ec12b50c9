import { objectError } from '@pileus/kernel/object-protocol'
import { describeReplicationRule } from '../domain/replication.ts'
import { errors } from '../errors.ts'
import { onBucket } from '../operation.ts'
import { listReplicationRules } from '../tables/replication.ts'

export const GetBucketReplication = onBucket({
  name: 'GetBucketReplication',
  route: { method: 'GET', subresources: ['replication'] },
  permission: 'oss:GetBucketReplication',
  async run({ store, bucket }) {
    const rules = await listReplicationRules(store.pool, bucket.bucketId)
    if (rules.length === 0) {
      throw objectError(errors.NoSuchReplicationConfiguration, { details: { BucketName: bucket.name } })
    }
    const value = { Rule: rules.map(describeReplicationRule) }
    return { status: 200, body: { kind: 'xml', root: 'ReplicationConfiguration', value } }
  },
})
