/** Accounts are apart: every operation on another account's bucket is refused, and changes and tells nothing. */
import { createHmac } from 'node:crypto'
import { request } from 'node:http'
import { callOss, type OssCall, type OssCallAnswer } from '@pileus/testkit/oss-signed-call'
import { startTestCloud, type TestAccount, type TestCloud } from '@pileus/testkit/test-cloud'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { isolationRows } from './isolation-rows.ts'
import type { BoundOperation } from './operation.ts'
import { implementedOssOperations, operations } from './operations.ts'

const victim = 'isolation-victim'
const own = 'isolation-stranger'
let cloud: TestCloud
let stranger: TestAccount
let uploadId: string
let before: string[]

beforeAll(async () => {
  cloud = await startTestCloud()
  stranger = await cloud.newAccount()
  await asOwner({ method: 'PUT', bucket: victim })
  await asOwner({ method: 'PUT', bucket: victim, key: 'k', body: 'precious' })
  const begun = await asOwner({ method: 'POST', bucket: victim, key: 'k', query: { uploads: undefined } })
  uploadId = /<UploadId>(\w+)/.exec(begun.text)?.[1] ?? ''
  await asOwner({ method: 'PUT', bucket: victim, key: 'k', query: { partNumber: '1', uploadId }, body: 'part' })
  await asStranger({ method: 'PUT', bucket: own })
  await asStranger({ method: 'PUT', bucket: own, key: 'k', body: 'mine' })
  before = await describeVictim()
})
afterAll(async () => cloud?.[Symbol.asyncDispose]())

const asOwner = (call: OssCall): Promise<OssCallAnswer> => callOss(cloud, call)
const asStranger = (call: OssCall): Promise<OssCallAnswer> =>
  callOss(
    { endpoint: cloud.endpoint, accessKeyId: stranger.accessKeyId, accessKeySecret: stranger.accessKeySecret },
    call,
  )
const outcome = ({ status, code }: { status: number; code: string | undefined }) => ({ status, code })

/** Everything that the owner can be told about the bucket, without what is different each time. */
async function describeVictim(): Promise<string[]> {
  const told: string[] = []
  for (const { route } of operations) {
    const { method, level, subresources = [] } = route
    if (method !== 'GET' || level === 'service' || subresources.includes('x-oss-process')) continue
    const query = Object.fromEntries(subresources.map((one) => one.split('=') as [string, string?]))
    if ('uploadId' in query) query['uploadId'] = uploadId
    const answer = await asOwner({ method, bucket: victim, ...(level === 'object' ? { key: 'k' } : {}), query })
    told.push(`${subresources} ${answer.status} ${answer.text.replace(/<(?:RequestId|LastModifiedTime)>\w+/g, '')}`)
  }
  return told
}

/** The call that an operation's row describes. */
function callOf({ name, route }: BoundOperation, bucket: string): OssCall {
  const { query = {}, headers = {}, body } = isolationRows[name]!
  const named = (route.subresources ?? []).map((one) => {
    const [key = '', value] = one.split('=')
    return [key, value ?? query[key]] as const
  })
  return {
    method: route.method as OssCall['method'],
    ...(route.level === 'service' ? {} : { bucket }),
    ...(route.level === 'object' ? { key: 'k' } : {}),
    query: { ...query, ...Object.fromEntries(named) },
    headers,
    ...(body === undefined ? {} : { body }),
  }
}

async function run(operation: BoundOperation, bucket: string) {
  const { method, form } = operation.route
  if (form) return postForm(bucket)
  if (method === 'OPTIONS') return preflight(callOf(operation, bucket))
  return outcome(await asStranger(callOf(operation, bucket)))
}

async function postForm(bucket: string) {
  const conditions = [{ bucket }]
  const document = { expiration: new Date(Date.now() + 60_000).toISOString(), conditions }
  const policy = Buffer.from(JSON.stringify(document)).toString('base64')
  const Signature = createHmac('sha1', stranger.accessKeySecret).update(policy).digest('base64')
  const form = new FormData()
  const fields = { policy, Signature, OSSAccessKeyId: stranger.accessKeyId, key: 'k' }
  for (const [name, value] of Object.entries(fields)) form.set(name, value)
  form.set('file', new Blob(['stolen']))
  const answer = await fetch(`http://${cloud.endpoint}/${bucket}`, { method: 'POST', body: form })
  return { status: answer.status, code: /<Code>(\w+)/.exec(await answer.text())?.[1] }
}

function preflight({ bucket, key = '' }: OssCall): Promise<{ status: number; code: string | undefined }> {
  const [host, port] = cloud.endpoint.split(':')
  const headers = { origin: 'https://a.example', 'access-control-request-method': 'GET' }
  return new Promise((resolve, reject) => {
    const sent = request({ host, port, method: 'OPTIONS', path: `/${bucket}/${key}`, headers }, (answer) => {
      let text = ''
      answer.on('data', (chunk) => {
        text += chunk
      })
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, code: /<Code>(\w+)/.exec(text)?.[1] }))
    })
    sent.on('error', reject)
    sent.end()
  })
}

test('every operation has a row in isolation-rows.ts', () => {
  const without = implementedOssOperations.filter((name) => isolationRows[name] === undefined)
  expect(without, 'add a row for each of these').toEqual([])
})

const rows = operations.filter(({ name }) => isolationRows[name] !== undefined)

test.each(rows.map((operation) => ({ name: operation.name, operation })))(
  '$name on another account’s bucket',
  async ({ name, operation }) => {
    const { stranger: told = { status: 403, code: 'AccessDenied' }, missing = { status: 404, code: 'NoSuchBucket' } } =
      isolationRows[name]!
    expect(await run(operation, victim)).toEqual({ status: told.status, code: told.code })
    expect(await run(operation, 'isolation-missing')).toEqual({ status: missing.status, code: missing.code })
    if (name === 'PutBucket') await asStranger({ method: 'DELETE', bucket: 'isolation-missing' })
  },
)

test('a list of buckets names one’s own', async () => {
  const { text } = await asStranger({ method: 'GET' })
  expect([text.includes(own), text.includes(victim)]).toEqual([true, false])
})

test('what another account has cannot be reached through one’s own bucket either', async () => {
  const base64 = (text: string): string => Buffer.from(text).toString('base64url')
  const begun = await asStranger({ method: 'POST', bucket: own, key: 'k', query: { uploads: undefined } })
  const mine = /<UploadId>(\w+)/.exec(begun.text)?.[1] ?? ''
  const source = { 'x-oss-copy-source': `/${victim}/k` }
  const part = { partNumber: '1', uploadId: mine }
  const denied = [
    await asStranger({ method: 'PUT', bucket: own, key: 'copy', headers: source }),
    await asStranger({ method: 'PUT', bucket: own, key: 'k', query: part, headers: source }),
    await asStranger({
      method: 'POST',
      bucket: own,
      key: 'k',
      query: { 'x-oss-process': undefined },
      body: `x-oss-process=image/resize,w_1|sys/saveas,o_${base64('k')},b_${base64(victim)}`,
    }),
  ]
  expect(denied.map(outcome)).toEqual(denied.map(() => ({ status: 403, code: 'AccessDenied' })))
  const theirs = { uploadId }
  const gone = [
    await asStranger({ method: 'GET', bucket: own, key: 'k', query: theirs }),
    await asStranger({ method: 'PUT', bucket: own, key: 'k', query: { ...theirs, partNumber: '1' }, body: 'x' }),
    await asStranger({
      method: 'POST',
      bucket: own,
      key: 'k',
      query: theirs,
      headers: { 'x-oss-complete-all': 'yes' },
    }),
    await asStranger({ method: 'DELETE', bucket: own, key: 'k', query: theirs }),
  ]
  expect(gone.map(outcome)).toEqual(gone.map(() => ({ status: 404, code: 'NoSuchUpload' })))
})

test('and nothing of it has changed', async () => {
  expect(await describeVictim()).toEqual(before)
})
