import { say } from '@pileus/kernel/messages/text'
import { objectError } from '@pileus/kernel/object-protocol'
import { describeFetchTask } from '../domain/fetch-task.ts'
import { header, invalid } from '../domain/headers.ts'
import { errors } from '../errors.ts'
import { onBucket } from '../operation.ts'
import { findFetchTask } from '../tables/fetch-tasks.ts'

const taskHeader = 'x-oss-task-id'

export const GetAsyncFetchTask = onBucket({
  name: 'GetAsyncFetchTask',
  route: { method: 'GET', subresources: ['asyncFetch'] },
  permission: 'oss:GetAsyncFetchTask',
  async run({ store, bucket }, request) {
    const taskId = header(request.headers, taskHeader) ?? ''
    if (taskId === '') throw invalid(taskHeader, taskId, say`${taskHeader} must name the task.`)
    const kept = await findFetchTask(store.pool, bucket.bucketId, taskId)
    if (!kept) throw objectError(errors.NoSuchAsyncFetchTask, { facts: { id: taskId.slice(0, 64) } })
    const value = {
      TaskId: kept.taskId,
      State: kept.state,
      ErrorMsg: kept.error,
      TaskInfo: describeFetchTask(kept.task),
    }
    return { status: 200, body: { kind: 'xml', root: 'AsyncFetchTaskInfo', value } }
  },
})
