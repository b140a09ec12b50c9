import * as contract from '@pileus/contract/generated/ecs'
import { read } from '../operation.ts'
import { getInstance } from '../tables/instances.ts'

export const DescribeUserData = read(contract.DescribeUserData, {
  permission: 'ecs:DescribeUserData',
  resources: (request) => [`instance/${request.InstanceId}`],
  places: 'nowhere',
  async run(ctx, request) {
    const row = await getInstance(ctx.db, ctx, request.InstanceId)
    return { InstanceId: row.id, RegionId: row.region_id, UserData: row.user_data }
  },
})
