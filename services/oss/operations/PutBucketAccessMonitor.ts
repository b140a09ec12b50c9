import { objectError } from '@pileus/kernel/object-protocol'
import { allowOnly } from '../domain/xml.ts'
import { getWord } from '../domain/xml-values.ts'
import { errors } from '../errors.ts'
import { onBucket } from '../operation.ts'
import { lockBucketSetting, setBucketSetting } from '../tables/buckets.ts'

/** Notes from now on when objects are read or written, for lifecycle rules by time of access. */
export const PutBucketAccessMonitor = onBucket({
  name: 'PutBucketAccessMonitor',
  route: { method: 'PUT', subresources: ['accessmonitor'] },
  permission: 'oss:PutBucketAccessMonitor',
  async run({ buckets, bucket, clock }, request) {
    const root = await request.readXml('AccessMonitorConfiguration')
    allowOnly(root, 'Status')
    const isOn = getWord(root, 'Status', ['Enabled', 'Disabled'] as const) === 'Enabled'
    await buckets.change(bucket.name, async (db) => {
      const before = await lockBucketSetting(db, bucket.bucketId, 'accessMonitor')
      const rules = await lockBucketSetting(db, bucket.bucketId, 'lifecycle')
      if (!isOn && rules?.some((rule) => rule.transitions.some((one) => one.byAccess))) {
        const reason = 'A lifecycle rule goes by the time of access. Remove it before you stop noting that time.'
        throw objectError(errors.InvalidArgument, { facts: { reason } })
      }
      const monitor = isOn ? (before ?? { since: clock.now().toISOString() }) : undefined
      await setBucketSetting(db, bucket.bucketId, 'accessMonitor', monitor)
    })
    return { status: 200 }
  },
})
