import { say } from '@pileus/kernel/messages/text'
import { objectError } from '@pileus/kernel/object-protocol'
import { maxRequesters, noLimits, readQos } from '../domain/qos.ts'
import { errors } from '../errors.ts'
import { onBucket } from '../operation.ts'
import { readRequester } from '../requester.ts'
import { lockBucketSetting, setBucketSetting } from '../tables/buckets.ts'

/** Limits of one account or user in the bucket, within those of the bucket. */
export const PutBucketRequesterQosInfo = onBucket({
  name: 'PutBucketRequesterQosInfo',
  route: { method: 'PUT', subresources: ['requesterQosInfo', 'qosRequester'] },
  permission: 'oss:PutBucketRequesterQosInfo',
  async run({ buckets, bucket }, request) {
    const uid = readRequester(request)
    const qos = readQos(await request.readXml('QoSConfiguration'), bucket.settings.qos ?? noLimits)
    await buckets.change(bucket.name, async (db) => {
      const all = { ...(await lockBucketSetting(db, bucket.bucketId, 'requesterQos')), [uid]: qos }
      if (Object.keys(all).length > maxRequesters) {
        const reason = say`A bucket may have limits for ${maxRequesters} requesters.`
        throw objectError(errors.InvalidArgument, { facts: { reason } })
      }
      await setBucketSetting(db, bucket.bucketId, 'requesterQos', all)
    })
    return { status: 200 }
  },
})
