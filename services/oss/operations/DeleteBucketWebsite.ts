import { deletesSetting } from '../bucket-settings.ts'

export const DeleteBucketWebsite = deletesSetting({
  name: 'DeleteBucketWebsite',
  subresource: 'website',
  setting: 'website',
})
