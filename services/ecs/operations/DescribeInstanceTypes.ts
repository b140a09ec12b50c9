import * as contract from '@pileus/contract/generated/ecs'
import { encodeToken, parsePage } from '@pileus/kernel/pagination'
import { describeInstanceType } from '../describe-instance-type.ts'
import { findTypes } from '../domain/type-filter.ts'
import { read } from '../operation.ts'

const maxTypes = 1600

/** The catalogue, in its own order. */
export const DescribeInstanceTypes = read(contract.DescribeInstanceTypes, {
  permission: 'ecs:DescribeInstanceTypes',
  places: 'nowhere',
  async run(_ctx, request) {
    const page = parsePage(
      { ...request, MaxResults: request.MaxResults ?? maxTypes },
      { defaultSize: maxTypes, maxSize: maxTypes },
    )
    const types = findTypes(request)
    const after = page.kind === 'token' ? page.after : undefined
    const start = after === undefined ? 0 : types.findIndex((type) => type.id === after) + 1
    const shown = types.slice(start, start + (page.kind === 'token' ? page.limit : page.pageSize))
    const last = shown.at(-1)
    const isEnd = !last || last === types.at(-1)
    return {
      InstanceTypes: { InstanceType: shown.map(describeInstanceType) },
      NextToken: isEnd ? '' : encodeToken(last.id),
    }
  },
})
