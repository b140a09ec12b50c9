// Location 2015-06-12 has no npm package. Field names, `SerivceCode` and the doubled names included, are as the vendor's
// Go SDK declares them. `Id` holds a region id; clients leave `Type` out or send `openAPI`.

const source = (file) => `https://github.com/aliyun/alibaba-cloud-sdk-go/blob/master/services/location/${file}.go`

const protocols = { Protocols: ['string'] }
const endpoint = {
  Endpoint: 'string',
  Id: 'string',
  Namespace: 'string',
  SerivceCode: 'string',
  Type: 'string',
  Protocols: protocols,
}
const listedEndpoint = {
  Endpoint: 'string',
  Product: 'string',
  Namespace: 'string',
  Id: 'string',
  Type: 'string',
  Protocols: protocols,
}

export default {
  product: 'Location',
  version: '2015-06-12',
  actions: {
    DescribeEndpoint: {
      source: source('describe_endpoint'),
      request: { Id: 'string!', ServiceCode: 'string!', Type: 'string', Password: 'string' },
      response: { RequestId: 'string', ...endpoint },
    },
    DescribeEndpoints: {
      source: source('describe_endpoints'),
      request: { Id: 'string!', ServiceCode: 'string!', Type: 'string' },
      response: { RequestId: 'string', Success: 'boolean', Endpoints: { Endpoint: [endpoint] } },
    },
    DescribeRegions: {
      source: source('describe_regions'),
      request: { Password: 'string' },
      response: { RequestId: 'string', TotalCount: 'number', RegionIds: { RegionIds: ['string'] } },
    },
    DescribeServices: {
      source: source('describe_services'),
      request: { Password: 'string' },
      response: { RequestId: 'string', TotalCount: 'number', Services: { Services: ['string'] } },
    },
    ListEndpoints: {
      source: source('list_endpoints'),
      request: { Namespace: 'string', Id: 'string', SerivceCode: 'string' },
      response: { RequestId: 'string', Success: 'boolean', EndpointList: { ItemEndpoint: [listedEndpoint] } },
    },
    ListEndpointsByIp: {
      source: source('list_endpoints_by_ip'),
      request: { Ip: 'string' },
      response: { RequestId: 'string', Success: 'boolean', EndpointList: { ItemEndpoint: [listedEndpoint] } },
    },
  },
}
