import { deletesSetting } from '../bucket-settings.ts'

export const DeleteBucketCallbackPolicy = deletesSetting({
  name: 'DeleteBucketCallbackPolicy',
  subresource: 'policy',
  also: 'comp=callback',
  setting: 'callbackPolicies',
})
