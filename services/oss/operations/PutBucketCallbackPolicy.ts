import { putsSetting } from '../bucket-settings.ts'
import { readCallbackPolicies } from '../domain/callback.ts'

/** Callbacks that uploads may name instead of spelling them out. */
export const PutBucketCallbackPolicy = putsSetting({
  name: 'PutBucketCallbackPolicy',
  subresource: 'policy',
  also: 'comp=callback',
  setting: 'callbackPolicies',
  root: 'BucketCallbackPolicy',
  read: readCallbackPolicies,
})
