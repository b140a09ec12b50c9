import { accountQos, describeQos } from '../domain/qos.ts'
import { onService } from '../operation.ts'

/** What the account may give its buckets of the region. */
export const GetUserQosInfo = onService({
  name: 'GetUserQosInfo',
  route: { method: 'GET', subresources: ['qosInfo'] },
  permission: 'oss:GetUserQosInfo',
  async run(_, { regionId }) {
    const value = { Region: `oss-${regionId}`, ...describeQos(accountQos) }
    return { status: 200, body: { kind: 'xml', root: 'QoSConfiguration', value } }
  },
})
