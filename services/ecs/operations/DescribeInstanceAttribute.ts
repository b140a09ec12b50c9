import * as contract from '@pileus/contract/generated/ecs'
import { describeInstanceAttribute } from '../describe-instance.ts'
import { read } from '../operation.ts'
import { getInstance } from '../tables/instances.ts'

export const DescribeInstanceAttribute = read(contract.DescribeInstanceAttribute, {
  permission: 'ecs:DescribeInstanceAttribute',
  resources: (request) => [`instance/${request.InstanceId}`],
  places: 'nowhere',
  async run(ctx, request) {
    const row = await getInstance(ctx.db, ctx, request.InstanceId)
    const nics = await ctx.vpc.listNicsOfInstances(ctx.db, [row.id])
    return describeInstanceAttribute({ row, nics: nics.get(row.id) ?? [], tags: [] })
  },
})
