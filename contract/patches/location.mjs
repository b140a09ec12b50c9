// Location 2015-06-12 has no npm package. Field names, `SerivceCode` included, are as clients read them.

const endpointSource = 'https://github.com/aliyun/alibaba-cloud-sdk-go/tree/master/services/location'

/** One endpoint of a product in a region. */
const endpoint = {
  Endpoint: 'string',
  Id: 'string',
  Namespace: 'string',
  SerivceCode: 'string',
  Type: 'string',
  Protocols: { Protocols: ['string'] },
}

export default {
  product: 'Location',
  version: '2015-06-12',
  actions: {
    DescribeEndpoint: {
      source: endpointSource,
      request: { Id: 'string!', ServiceCode: 'string!', Type: 'string' },
      response: { RequestId: 'string', Success: 'boolean', ...endpoint },
    },
    DescribeEndpoints: {
      source: endpointSource,
      request: { Id: 'string!', ServiceCode: 'string!', Type: 'string' },
      response: { RequestId: 'string', Success: 'boolean', Endpoints: { Endpoint: [endpoint] } },
    },
  },
}
