import { getsSetting } from '../bucket-settings.ts'
import { describeWebsite } from '../domain/website.ts'
import { errors } from '../errors.ts'

export const GetBucketWebsite = getsSetting({
  name: 'GetBucketWebsite',
  subresource: 'website',
  setting: 'website',
  root: 'WebsiteConfiguration',
  absent: errors.NoSuchWebsiteConfiguration,
  describe: describeWebsite,
})
