import { randomBytes } from 'node:crypto'
import { say } from '@pileus/kernel/messages/text'
import { objectError } from '@pileus/kernel/object-protocol'
import { wakeChannel } from '@pileus/kernel/wake'
import { fetchTasksChanged, readFetchTask } from '../domain/fetch-task.ts'
import { parseStorageClass } from '../domain/headers.ts'
import { findValue } from '../domain/xml-values.ts'
import { errors } from '../errors.ts'
import { readObjectFacts } from '../object-facts.ts'
import { onBucket } from '../operation.ts'
import { dataKeyFor, withEncryption } from '../stored-bytes.ts'
import { insertFetchTask } from '../tables/fetch-tasks.ts'
import { findObject } from '../tables/objects.ts'
import { PutObject } from './PutObject.ts'

/** Tasks of a bucket that may be under way. */
const maxTasks = 1_000

/**
 * Has an object fetched from another host. The caller needs leave to put it; the fetching is done later, in the name
 * of nobody but the bucket.
 */
export const PutAsyncFetchTask = onBucket({
  name: 'PutAsyncFetchTask',
  route: { method: 'POST', subresources: ['asyncFetch'] },
  permission: 'oss:PutAsyncFetchTask',
  places: true,
  async run(context, request) {
    const { store, bucket, clock } = context
    const root = await request.readXml('AsyncFetchTaskConfiguration')
    const task = readFetchTask(root)
    checkKey(task.key)
    await context.mayAlso(PutObject, { bucket: bucket.name, key: task.key })
    if (task.ignoreSameKey && (await findObject(store.pool, bucket.bucketId, task.key))) {
      throw objectError(errors.ObjectAlreadyExists, { details: { Key: task.key } })
    }
    const { 'content-type': _, ...headers } = request.headers
    const keyed = await dataKeyFor({ ...context, key: task.key }, { headers })
    keyed?.dataKey.fill(0)
    const read = withEncryption(readObjectFacts(bucket, { headers }), { encryption: keyed?.encryption })
    const facts = { ...read, storageClass: parseStorageClass(findValue(root, 'StorageClass'), read.storageClass) }
    const taskId = randomBytes(16).toString('hex')
    const kept = { taskId, bucketId: bucket.bucketId, task, facts }
    if (!(await insertFetchTask(store.pool, kept, { at: clock.now(), limit: maxTasks }))) {
      const reason = say`The bucket has ${maxTasks} tasks under way. Wait until some have ended.`
      throw objectError(errors.InvalidRequest, { facts: { reason } })
    }
    await store.pool.query('select pg_notify($1, $2)', [wakeChannel, fetchTasksChanged])
    return { status: 200, body: { kind: 'xml', root: 'AsyncFetchTaskResult', value: { TaskId: taskId } } }
  },
})

/** As the gateway has checked it of keys in URLs. @throws InvalidArgument */
function checkKey(key: string): void {
  const isValid = Buffer.byteLength(key) <= 1023 && !/^[/\\]/.test(key) && !key.includes('\0')
  if (isValid) return
  const reason = say`Object must be a key of at most ${1023} bytes that does not begin with a slash or backslash.`
  throw objectError(errors.InvalidArgument, { facts: { reason } })
}
