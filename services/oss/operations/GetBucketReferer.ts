import { getsSetting } from '../bucket-settings.ts'
import { describeReferer } from '../domain/referer.ts'

export const GetBucketReferer = getsSetting({
  name: 'GetBucketReferer',
  subresource: 'referer',
  setting: 'referer',
  root: 'RefererConfiguration',
  describe: describeReferer,
})
