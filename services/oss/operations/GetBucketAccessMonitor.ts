import { onBucket } from '../operation.ts'

/** No bucket notes when its objects were read. Setting it answers NotImplemented. */
export const GetBucketAccessMonitor = onBucket({
  name: 'GetBucketAccessMonitor',
  route: { method: 'GET', subresources: ['accessmonitor'] },
  permission: 'oss:GetBucketAccessMonitor',
  run: async () => ({
    status: 200,
    body: { kind: 'xml', root: 'AccessMonitorConfiguration', value: { Status: 'Disabled' } },
  }),
})
