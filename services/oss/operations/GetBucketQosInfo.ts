import { getsSetting } from '../bucket-settings.ts'
import { describeQos } from '../domain/qos.ts'
import { errors } from '../errors.ts'

export const GetBucketQosInfo = getsSetting({
  name: 'GetBucketQosInfo',
  subresource: 'qosInfo',
  setting: 'qos',
  root: 'QoSConfiguration',
  absent: errors.NoSuchBucketQosInfo,
  describe: describeQos,
})
