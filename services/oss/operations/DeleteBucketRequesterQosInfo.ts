import { onBucket } from '../operation.ts'
import { readRequester } from '../requester.ts'
import { lockBucketSetting, setBucketSetting } from '../tables/buckets.ts'

export const DeleteBucketRequesterQosInfo = onBucket({
  name: 'DeleteBucketRequesterQosInfo',
  route: { method: 'DELETE', subresources: ['requesterQosInfo', 'qosRequester'] },
  permission: 'oss:DeleteBucketRequesterQosInfo',
  async run({ buckets, bucket }, request) {
    const uid = readRequester(request)
    await buckets.change(bucket.name, async (db) => {
      const all = (await lockBucketSetting(db, bucket.bucketId, 'requesterQos')) ?? {}
      const rest = Object.fromEntries(Object.entries(all).filter(([id]) => id !== uid))
      const isEmpty = Object.keys(rest).length === 0
      await setBucketSetting(db, bucket.bucketId, 'requesterQos', isEmpty ? undefined : rest)
    })
    return { status: 204 }
  },
})
