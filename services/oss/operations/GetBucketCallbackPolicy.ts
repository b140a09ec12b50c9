import { objectError } from '@pileus/kernel/object-protocol'
import { getsSetting } from '../bucket-settings.ts'
import { describeCallbackPolicies } from '../domain/callback.ts'
import { errors } from '../errors.ts'

export const GetBucketCallbackPolicy = getsSetting({
  name: 'GetBucketCallbackPolicy',
  subresource: 'policy',
  also: 'comp=callback',
  setting: 'callbackPolicies',
  root: 'BucketCallbackPolicy',
  absent: errors.BucketCallbackPolicyNotExist,
  describe(policies, bucket) {
    if (policies.length > 0) return describeCallbackPolicies(policies)
    throw objectError(errors.BucketCallbackPolicyNotExist, { details: { BucketName: bucket.name } })
  },
})
