import { deletesSetting } from '../bucket-settings.ts'

export const DeleteBucketLifecycle = deletesSetting({
  name: 'DeleteBucketLifecycle',
  subresource: 'lifecycle',
  setting: 'lifecycle',
})
