import { putsSetting } from '../bucket-settings.ts'
import { accountQos, readQos } from '../domain/qos.ts'

/** Limits of bandwidth and requests, which `throttle.ts` keeps. */
export const PutBucketQosInfo = putsSetting({
  name: 'PutBucketQosInfo',
  subresource: 'qosInfo',
  setting: 'qos',
  root: 'QoSConfiguration',
  read: (root) => readQos(root, accountQos),
})
