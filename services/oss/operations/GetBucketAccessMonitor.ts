import { getsSetting } from '../bucket-settings.ts'

export const GetBucketAccessMonitor = getsSetting({
  name: 'GetBucketAccessMonitor',
  subresource: 'accessmonitor',
  setting: 'accessMonitor',
  root: 'AccessMonitorConfiguration',
  describe: (monitor) => ({ Status: monitor ? 'Enabled' : 'Disabled' }),
})
