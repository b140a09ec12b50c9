import { objectError } from '@pileus/kernel/object-protocol'
import { describeQos } from '../domain/qos.ts'
import { errors } from '../errors.ts'
import { onBucket } from '../operation.ts'
import { readRequester } from '../requester.ts'

export const GetBucketRequesterQosInfo = onBucket({
  name: 'GetBucketRequesterQosInfo',
  route: { method: 'GET', subresources: ['requesterQosInfo', 'qosRequester'] },
  permission: 'oss:GetBucketRequesterQosInfo',
  async run({ bucket }, request) {
    const uid = readRequester(request)
    const qos = new Map(Object.entries(bucket.settings.requesterQos ?? {})).get(uid)
    if (!qos) throw objectError(errors.NoSuchBucketRequesterQosInfo, { facts: { id: uid } })
    const value = { Requester: uid, QoSConfiguration: describeQos(qos) }
    return { status: 200, body: { kind: 'xml', root: 'RequesterQoSInfo', value } }
  },
})
