import { putsSetting } from '../bucket-settings.ts'
import { allowOnly } from '../domain/xml.ts'
import { getFlag } from '../domain/xml-values.ts'

export const PutBucketArchiveDirectRead = putsSetting({
  name: 'PutBucketArchiveDirectRead',
  subresource: 'bucketArchiveDirectRead',
  setting: 'archiveDirectRead',
  root: 'ArchiveDirectReadConfiguration',
  read(root) {
    allowOnly(root, 'Enabled')
    return getFlag(root, 'Enabled')
  },
})
