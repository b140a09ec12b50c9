/** Access logs from the request to the object they are delivered in. */
import { ManualClock } from '@pileus/kernel/clock'
import { createOssClient } from '@pileus/testkit/oss-clients'
import { callOss, type OssCall } from '@pileus/testkit/oss-signed-call'
import { startTestCloud, type TestCloud } from '@pileus/testkit/test-cloud'
import { afterAll, beforeAll, expect, test } from 'vitest'

const clock = new ManualClock(new Date('2026-02-23T10:20:30Z'))
let cloud: TestCloud
beforeAll(async () => {
  cloud = await startTestCloud({ clock })
})
afterAll(async () => cloud?.[Symbol.asyncDispose]())

const call = (one: OssCall, how?: 'anonymous') => callOss({ ...cloud, now: clock.now() }, one, how)
const logging = (target: string, prefix = 'log/') =>
  `<BucketLoggingStatus><LoggingEnabled><TargetBucket>${target}</TargetBucket>` +
  `<TargetPrefix>${prefix}</TargetPrefix></LoggingEnabled></BucketLoggingStatus>`

test('requests on a bucket become lines of an object of the hour', async () => {
  for (const bucket of ['watched', 'logs']) await call({ method: 'PUT', bucket })
  const elsewhere = createOssClient({ ...cloud, regionId: 'eu-central-1', bucket: 'far-logs' })
  expect(elsewhere).toBeDefined()
  const put = (body: string) => call({ method: 'PUT', bucket: 'watched', query: { logging: undefined }, body })
  expect(await put(logging('nowhere-logs'))).toMatchObject({ status: 400, code: 'InvalidTargetBucketForLogging' })
  expect(await put(logging('logs', '1/'))).toMatchObject({ status: 400, code: 'InvalidArgument' })
  expect(await put(logging('logs', '日志+/'))).toMatchObject({ status: 200 })
  expect(await put(logging('logs'))).toMatchObject({ status: 200 })
  const got = await call({ method: 'GET', bucket: 'watched', query: { logging: undefined } })
  expect(got.text).toContain('<TargetBucket>logs</TargetBucket><TargetPrefix>log/</TargetPrefix>')
  await call({
    method: 'PUT',
    bucket: 'watched',
    query: { userDefinedLogFieldsConfig: undefined },
    body: '<UserDefinedLogFieldsConfiguration><HeaderSet><header>x-trace</header></HeaderSet></UserDefinedLogFieldsConfiguration>',
  })

  await call({ method: 'PUT', bucket: 'watched', key: 'a b"c', body: 'hello' })
  const headers = { referer: 'http://x"y', 'user-agent': 'tester', 'x-trace': 'T1' }
  await call({ method: 'GET', bucket: 'watched', key: 'a b"c', headers })
  await call({ method: 'GET', bucket: 'watched', key: 'absent' }, 'anonymous')
  const lines = () => cloud.running.store.pool.query('select 1 from oss.access_lines')
  await cloud.eventually('the lines are kept', async () => (await lines()).rows.length >= 6)

  clock.advance(3_600_000)
  await cloud.running.reconcilers.passAll()
  expect((await lines()).rows).toEqual([])
  const listed = await call({ method: 'GET', bucket: 'logs' })
  const keys = [...listed.text.matchAll(/<Key>([^<]*)<\/Key>/g)].map(([, key]) => key!)
  expect(keys).toEqual([expect.stringMatching(/^log\/watched2026-02-23-10-00-00-[0-9A-F]{8}$/)])
  const text = (await call({ method: 'GET', bucket: 'logs', key: keys[0]! })).text
  const written = text.trimEnd().split('\n')
  const stamp = '[23/Feb/2026:10:20:30 +0000]'
  const read = written.find((line) => line.includes('"GetObject"') && line.includes('tester'))
  expect(read).toMatch(
    /^127\.0\.0\.1 - - \[23\/Feb\/2026:10:20:30 \+0000\] "GET \/watched\/a%20b%22c HTTP\/1\.1" 200 \d+ \d+ "http:\/\/x\\x22y" "tester" /,
  )
  expect(read).toContain(`"${cloud.accountId}" "GetObject" "watched" "a%20b%22c" 5 `)
  expect(read).toContain(`"${cloud.accessKeyId}" "acs:oss:::watched" "x-trace=T1"`)
  expect(written.find((line) => line.includes('"PutObject"'))).toContain(stamp)
  expect(written.find((line) => line.includes('absent'))).toMatch(/ 403 .* "AccessDenied" /)
})

test('lines of a bucket that logs no more are dropped', async () => {
  await call({ method: 'GET', bucket: 'watched', key: 'a b"c' })
  const lines = () => cloud.running.store.pool.query('select 1 from oss.access_lines')
  await cloud.eventually('the line is kept', async () => (await lines()).rows.length > 0)
  expect(await call({ method: 'DELETE', bucket: 'watched', query: { logging: undefined } })).toMatchObject({
    status: 204,
  })
  clock.advance(2 * 3_600_000)
  await cloud.running.reconcilers.passAll()
  expect((await lines()).rows).toEqual([])
})
