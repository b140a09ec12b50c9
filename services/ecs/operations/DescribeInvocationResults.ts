import * as contract from '@pileus/contract/generated/ecs'
import { parsePage } from '@pileus/kernel/pagination'
import { describeResult } from '../describe-invocation.ts'
import { parseRecordStatus } from '../domain/commands.ts'
import { read } from '../operation.ts'
import { listResults } from '../tables/commands.ts'
import { pageFields } from '../tables/paging.ts'

export const DescribeInvocationResults = read(contract.DescribeInvocationResults, {
  permission: 'ecs:DescribeInvocationResults',
  resources: () => ['command/*'],
  places: 'nowhere',
  async run(ctx, request) {
    const page = parsePage(request, { defaultSize: 10, maxSize: 50 })
    const listed = await listResults(
      ctx.db,
      ctx,
      {
        invokeId: request.InvokeId,
        commandId: request.CommandId,
        instanceId: request.InstanceId,
        statuses: parseRecordStatus(request.InvokeRecordStatus),
      },
      page,
    )
    return {
      Invocation: {
        InvocationResults: {
          InvocationResult: listed.rows.map((row) => describeResult(row, request.ContentEncoding)),
        },
        ...pageFields(page, listed),
      },
    }
  },
})
