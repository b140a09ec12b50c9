import { putsSetting } from '../bucket-settings.ts'
import { readReferer } from '../domain/referer.ts'

/** Enforced by `request-rules.ts`. */
export const PutBucketReferer = putsSetting({
  name: 'PutBucketReferer',
  subresource: 'referer',
  setting: 'referer',
  root: 'RefererConfiguration',
  read: readReferer,
})
