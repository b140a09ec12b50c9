export default {
  product: 'Ecs',
  version: '2014-05-26',
  actions: {
    // The SDK calls Tag.N.Value required, yet an empty value is legal and clients that drop empty parameters send
    // none: `addParam` below.
    TagResources: {
      source: 'https://github.com/aliyun/alibaba-cloud-sdk-go/blob/master/sdk/requests/acs_request.go',
      request: { Tag: { $required: [{ Key: 'string!', Value: 'string' }] } },
    },
  },
}
