import * as contract from '@pileus/contract/generated/ecs'
import { isoSeconds } from '@pileus/kernel/clock'
import { parsePage } from '@pileus/kernel/pagination'
import { read } from '../operation.ts'
import { countRuns } from '../tables/commands.ts'
import { listInstances } from '../tables/instance-lists.ts'
import { pageFields } from '../tables/paging.ts'

/** Whether guests take commands. */
export const DescribeCloudAssistantStatus = read(contract.DescribeCloudAssistantStatus, {
  permission: 'ecs:DescribeCloudAssistantStatus',
  resources: (request) => (request.InstanceId?.length ? request.InstanceId : ['*']).map((id) => `instance/${id}`),
  places: 'nowhere',
  async run(ctx, request) {
    const page = parsePage(request, { defaultSize: 10, maxSize: 50 })
    const isOther = Boolean(request.OSType) && request.OSType?.toLowerCase() !== 'linux'
    const ids = isOther ? [] : request.InstanceId?.length ? request.InstanceId : undefined
    const listed = await listInstances(ctx.db, ctx, { ids }, page)
    const runs = await countRuns(
      ctx.db,
      listed.rows.map((row) => row.id),
    )
    return {
      InstanceCloudAssistantStatusSet: {
        InstanceCloudAssistantStatus: listed.rows.map((row) => {
          const isReady = row.status === 'Running' && row.guest_ready
          const run = runs.get(row.id)
          return {
            InstanceId: row.id,
            CloudAssistantStatus: String(isReady),
            CloudAssistantVersion: isReady ? '1.0' : '',
            ActiveTaskCount: run?.active ?? 0,
            InvocationCount: run?.total ?? 0,
            LastInvokedTime: run ? isoSeconds(run.lastAt) : '',
            LastHeartbeatTime: isReady ? isoSeconds(ctx.clock.now()) : '',
            OSType: 'Linux',
            SupportSessionManager: false,
          }
        }),
      },
      ...pageFields(page, listed),
    }
  },
})
