import { getsSetting } from '../bucket-settings.ts'
import { errors } from '../errors.ts'

export const GetBucketTransferAcceleration = getsSetting({
  name: 'GetBucketTransferAcceleration',
  subresource: 'transferAcceleration',
  setting: 'transferAcceleration',
  root: 'TransferAccelerationConfiguration',
  absent: errors.NoSuchTransferAccelerationConfiguration,
  describe: (isEnabled) => ({ Enabled: isEnabled }),
})
