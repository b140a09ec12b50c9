import { putsSetting } from '../bucket-settings.ts'
import { readWebsite } from '../domain/website.ts'

/** Served by `website.ts`. */
export const PutBucketWebsite = putsSetting({
  name: 'PutBucketWebsite',
  subresource: 'website',
  setting: 'website',
  root: 'WebsiteConfiguration',
  read: readWebsite,
})
