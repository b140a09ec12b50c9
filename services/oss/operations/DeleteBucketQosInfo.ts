import { deletesSetting } from '../bucket-settings.ts'

export const DeleteBucketQosInfo = deletesSetting({
  name: 'DeleteBucketQosInfo',
  subresource: 'qosInfo',
  setting: 'qos',
})
