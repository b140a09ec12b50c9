import { getsSetting } from '../bucket-settings.ts'

export const GetBucketArchiveDirectRead = getsSetting({
  name: 'GetBucketArchiveDirectRead',
  subresource: 'bucketArchiveDirectRead',
  setting: 'archiveDirectRead',
  root: 'ArchiveDirectReadConfiguration',
  describe: (isEnabled) => ({ Enabled: isEnabled ?? false }),
})
