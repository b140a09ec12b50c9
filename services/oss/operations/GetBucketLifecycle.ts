import { getsSetting } from '../bucket-settings.ts'
import { describeLifecycle } from '../domain/lifecycle.ts'
import { errors } from '../errors.ts'

export const GetBucketLifecycle = getsSetting({
  name: 'GetBucketLifecycle',
  subresource: 'lifecycle',
  setting: 'lifecycle',
  root: 'LifecycleConfiguration',
  absent: errors.NoSuchLifecycle,
  describe: describeLifecycle,
})
