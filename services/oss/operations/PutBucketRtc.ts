import { objectError } from '@pileus/kernel/object-protocol'
import { allowOnly } from '../domain/xml.ts'
import { getOnly, getValue, getWord } from '../domain/xml-values.ts'
import { errors } from '../errors.ts'
import { onBucket } from '../operation.ts'
import { setTimeControl } from '../tables/replication.ts'

/** All rules are served as soon as they can be; the flag is kept for clients that set it. */
export const PutBucketRtc = onBucket({
  name: 'PutBucketRtc',
  route: { method: 'PUT', subresources: ['rtc'] },
  permission: 'oss:PutBucketRtc',
  async run({ store, bucket }, request) {
    const root = await request.readXml('ReplicationRule')
    allowOnly(root, 'RTC', 'ID')
    const isOn = getWord(getOnly(root, 'RTC'), 'Status', ['enabled', 'disabled'] as const) === 'enabled'
    const id = getValue(root, 'ID')
    if (!(await setTimeControl(store.pool, bucket.bucketId, id, isOn))) {
      throw objectError(errors.NoSuchReplicationRule, { facts: { id: id.slice(0, 64) } })
    }
    return { status: 200 }
  },
})
