import { putsSetting } from '../bucket-settings.ts'
import { allowOnly } from '../domain/xml.ts'
import { getFlag } from '../domain/xml-values.ts'

/** Whether the bucket may be reached by the accelerated host names, which here are served as all others. */
export const PutBucketTransferAcceleration = putsSetting({
  name: 'PutBucketTransferAcceleration',
  subresource: 'transferAcceleration',
  setting: 'transferAcceleration',
  root: 'TransferAccelerationConfiguration',
  read(root) {
    allowOnly(root, 'Enabled')
    return getFlag(root, 'Enabled')
  },
})
