import * as contract from '@pileus/contract/generated/ecs'
import { parsePage } from '@pileus/kernel/pagination'
import { describeInvocation } from '../describe-invocation.ts'
import { read } from '../operation.ts'
import { listInvocations, listTargets } from '../tables/commands.ts'
import { pageFields } from '../tables/paging.ts'

export const DescribeInvocations = read(contract.DescribeInvocations, {
  permission: 'ecs:DescribeInvocations',
  resources: (request) => [`command/${request.CommandId || '*'}`],
  places: 'nowhere',
  async run(ctx, request) {
    const page = parsePage(request, { defaultSize: 10, maxSize: 50 })
    const neverHere = request.Timed === true || (Boolean(request.RepeatMode) && request.RepeatMode !== 'Once')
    const listed = await listInvocations(
      ctx.db,
      ctx,
      {
        invokeId: neverHere ? 'none' : request.InvokeId,
        commandId: request.CommandId,
        commandName: request.CommandName,
        commandType: request.CommandType,
        instanceId: request.InstanceId,
        status: request.InvokeStatus,
      },
      page,
    )
    const ids = listed.rows.map((row) => row.id)
    const targets = await listTargets(ctx.db, ids)
    const how = { encoding: request.ContentEncoding, includeOutput: request.IncludeOutput ?? false }
    return {
      Invocations: {
        Invocation: listed.rows.map((row) => describeInvocation(row, targets.get(row.id) ?? [], how)),
      },
      ...pageFields(page, listed),
    }
  },
})
