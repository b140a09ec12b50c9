import { deletesSetting } from '../bucket-settings.ts'

export const DeleteBucketLogging = deletesSetting({
  name: 'DeleteBucketLogging',
  subresource: 'logging',
  setting: 'logging',
})
