import { putsSetting } from '../bucket-settings.ts'
import { readHttpsRules } from '../domain/https-rules.ts'

/** Enforced by `request-rules.ts`. */
export const PutBucketHttpsConfig = putsSetting({
  name: 'PutBucketHttpsConfig',
  subresource: 'httpsConfig',
  setting: 'https',
  root: 'HttpsConfiguration',
  read: readHttpsRules,
})
