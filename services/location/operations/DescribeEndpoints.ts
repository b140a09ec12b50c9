import * as contract from '@pileus/contract/generated/location'
import { describeEndpoint } from '../endpoint.ts'
import { read } from '../operation.ts'

/** Endpoints of a product in a region: one, or none when there is no such product. */
export const DescribeEndpoints = read(contract.DescribeEndpoints, {
  permission: 'location:DescribeEndpoints',
  places: 'nowhere',
  scope: 'global',
  async run(ctx, request) {
    const endpoint = describeEndpoint(ctx, request)
    return { Success: true, Endpoints: { Endpoint: endpoint ? [endpoint] : [] } }
  },
})
