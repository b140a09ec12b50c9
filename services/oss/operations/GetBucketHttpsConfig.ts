import { getsSetting } from '../bucket-settings.ts'
import { describeHttpsRules } from '../domain/https-rules.ts'
import { errors } from '../errors.ts'

export const GetBucketHttpsConfig = getsSetting({
  name: 'GetBucketHttpsConfig',
  subresource: 'httpsConfig',
  setting: 'https',
  root: 'HttpsConfiguration',
  absent: errors.NoSuchHttpsConfig,
  describe: describeHttpsRules,
})
