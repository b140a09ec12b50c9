import * as contract from '@pileus/contract/generated/location'
import { apiError } from '@pileus/kernel/errors'
import { describeEndpoint } from '../endpoint.ts'
import { locationErrors } from '../errors.ts'
import { read } from '../operation.ts'

/** The endpoint of a product in a region. */
export const DescribeEndpoint = read(contract.DescribeEndpoint, {
  permission: 'location:DescribeEndpoint',
  places: 'nowhere',
  scope: 'global',
  async run(ctx, request) {
    const endpoint = describeEndpoint(ctx, request)
    if (!endpoint) {
      throw apiError(locationErrors['InvalidServiceCode.NotFound'], { serviceCode: request.ServiceCode })
    }
    return { Success: true, ...endpoint }
  },
})
