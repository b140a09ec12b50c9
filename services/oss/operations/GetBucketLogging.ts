import { getsSetting } from '../bucket-settings.ts'
import { describeLogging } from '../domain/access-log.ts'

export const GetBucketLogging = getsSetting({
  name: 'GetBucketLogging',
  subresource: 'logging',
  setting: 'logging',
  root: 'BucketLoggingStatus',
  describe: describeLogging,
})
