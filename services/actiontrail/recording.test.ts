/** What the trail promises of every call: one event, no secret, and no change without it. */
import { createHmac, randomUUID } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { getAction } from '@pileus/contract/contract'
import { ManualClock } from '@pileus/kernel/clock'
import { hostRegions } from '@pileus/kernel/hosted-regions'
import type { AccountId } from '@pileus/kernel/ids'
import type { CallRecord } from '@pileus/kernel/ports'
import { minimalParameters } from '@pileus/testkit/minimal-request'
import { createOssClient } from '@pileus/testkit/oss-clients'
import { startTestCloud, type TestAccount, type TestCloud } from '@pileus/testkit/test-cloud'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createAuditSink } from './sink.ts'
import { unprovedPerMinute } from './unproved-calls.ts'

let cloud: TestCloud
beforeAll(async () => {
  cloud = await startTestCloud()
})
afterAll(async () => cloud?.[Symbol.asyncDispose]())

type Event = Record<string, unknown>

async function sql(text: string, ...values: unknown[]): Promise<Record<string, unknown>[]> {
  return (await cloud.running.store.pool.query(text, values)).rows
}

/** Events of a call, wherever they are on their way. */
async function eventsOf(requestId: string): Promise<Event[]> {
  await cloud.running.services.actiontrail.sequencer.placeWaiting()
  const rows = await sql(
    `select body from actiontrail.entries where body::jsonb ->> 'requestId' = $1 order by index`,
    requestId,
  )
  return rows.map((row) => JSON.parse(row['body'] as string) as Event)
}

async function userOf(name: string): Promise<TestAccount> {
  expect((await cloud.call('Ram', 'CreateUser', { UserName: name })).status).toBe(200)
  const { AccessKeyId, AccessKeySecret } = (await cloud.call('Ram', 'CreateAccessKey', { UserName: name })).body
    .AccessKey
  return cloud.as({ accessKeyId: AccessKeyId, accessKeySecret: AccessKeySecret })
}

test('every operation leaves exactly one event, whether it succeeds or not', async () => {
  const { operations } = await import('@pileus/cloud/operations')
  const account = await cloud.newAccount()
  const requestIds = new Map<string, string>()
  for (let at = 0; at < operations.length; at += 16) {
    await Promise.all(
      operations.slice(at, at + 16).map(async ({ ref }) => {
        const how = { system: { Version: ref.version } }
        const { body } = await account.call(ref.product, ref.name, minimalParameters(getAction(ref)), how)
        requestIds.set(body.RequestId, `${ref.product} ${ref.name}`)
      }),
    )
  }
  expect(requestIds.size).toBe(operations.length)
  await cloud.running.services.actiontrail.sequencer.placeWaiting()
  const rows = await sql(
    `select service_name || ' ' || event_name as name, count(*)::int as count from actiontrail.entries
     where body::jsonb ->> 'requestId' = any ($1) group by body::jsonb ->> 'requestId', 1`,
    [...requestIds.keys()],
  )
  expect(rows.filter((row) => row['count'] !== 1)).toEqual([])
  expect(rows.map((row) => row['name']).sort()).toEqual([...requestIds.values()].sort())
}, 60_000)

test('a denied call is recorded with the reason, under the name of the user', async () => {
  const user = await userOf('watched')
  const { body } = await user.call('Vpc', 'CreateVpc', { RegionId: 'eu-central-1', VpcName: 'mine' })
  expect(await eventsOf(body.RequestId)).toMatchObject([
    {
      acsRegion: 'eu-central-1',
      errorCode: 'Forbidden.RAM',
      errorMessage: expect.stringContaining('vpc:CreateVpc'),
      additionalEventData: { httpStatus: '403' },
      requestParameters: { VpcName: 'mine' },
      userIdentity: { type: 'ram-user', userName: 'watched', accountId: cloud.accountId },
    },
  ])
})

test('a call whose signature is wrong is recorded without an account, and without its words', async () => {
  const wrong = cloud.as({ accessKeyId: cloud.accessKeyId, accessKeySecret: 'wrong' })
  const { body } = await wrong.call('Vpc', 'CreateVpc', { VpcName: 'never-proved' })
  const [event, ...more] = await eventsOf(body.RequestId)
  expect(more).toEqual([])
  expect(event).toMatchObject({
    errorCode: 'SignatureDoesNotMatch',
    userIdentity: { type: 'unknown', accessKeyId: cloud.accessKeyId },
  })
  expect(Object.keys(event ?? {})).not.toContain('recipientAccountId')
  expect(JSON.stringify(event)).not.toContain('never-proved')
})

test('of calls that prove no identity a minute has a bounded number; the rest is counted, for the account too', async () => {
  const owner = await cloud.newAccount()
  const clock = new ManualClock(new Date('2026-03-01T10:00:00Z'))
  const counting: string[] = []
  const audit = createAuditSink({
    ...{ store: cloud.running.store, clock, hosted: hostRegions(cloud.running.ready.regions) },
    keepsDataEvents: () => false,
    onWaiting: () => {},
    onCounting: () => counting.push(clock.now().toISOString()),
  })
  const knock = async (times: number, changes: Partial<CallRecord> = {}) => {
    const call = () => ({ ...refusedCall(owner.accountId, clock.now()), ...changes })
    for (let at = 0; at < times; at += 1) await audit.record(call())
  }
  const told = async (name: string) => {
    await cloud.running.services.actiontrail.sequencer.placeWaiting()
    const text = `select body from actiontrail.entries where event_name = $1 and account_id = $2 order by index`
    return (await sql(text, name, owner.accountId)).map((row) => JSON.parse(row['body'] as string) as Event)
  }
  await knock(unprovedPerMinute)
  expect(await told('CountUnprovedCalls')).toEqual([])
  // Others' trails, and those who prove who they are, have room of their own.
  await knock(3, { ownerId: 'another' })
  await knock(20, { sourceIp: '192.0.2.1' })
  await knock(1, { sourceIp: '192.0.2.2', action: 'GetBucketInfo' })
  expect(await told('GetBucketAcl')).toHaveLength(unprovedPerMinute)
  const [begun, ...more] = await told('CountUnprovedCalls')
  expect(begun).toMatchObject({ recipientAccountId: owner.accountId, userIdentity: { type: 'system' } })
  expect([more, counting]).toEqual([[], ['2026-03-01T10:00:00.000Z']])
  const principal = { kind: 'root', accountId: owner.accountId as AccountId, accessKeyId: 'k' } as const
  await knock(2, { principal })
  expect(await told('GetBucketAcl')).toHaveLength(unprovedPerMinute + 2)

  await audit.tellCounted('over')
  expect(await told('SummarizeUnprovedCalls')).toEqual([])
  clock.advance(60_000)
  await knock(1)
  expect(await told('GetBucketAcl')).toHaveLength(unprovedPerMinute + 3)
  await audit.tellCounted('over')
  await audit.tellCounted('all')
  expect((await told('SummarizeUnprovedCalls')).map((one) => one['additionalEventData'])).toEqual([
    {
      actions: ['Oss:GetBucketAcl 20', 'Oss:GetBucketInfo 1'],
      counted: 21,
      errorCodes: ['AccessDenied 21'],
      from: '2026-03-01T10:00:00.000Z',
      recorded: unprovedPerMinute,
      sourceIps: ['192.0.2.1 20', '192.0.2.2 1'],
      until: '2026-03-01T10:01:00.000Z',
    },
  ])
})

function refusedCall(ownerId: string, at: Date): CallRecord {
  return {
    ...{ requestId: randomUUID(), at, durationMs: 1, product: 'Oss', action: 'GetBucketAcl', version: '2019-05-17' },
    ...{ kind: 'read', plane: 'management', scope: 'region', principal: undefined, accessKeyId: undefined, ownerId },
    ...{ regionId: cloud.regionId, host: 'h', sourceIp: '192.0.2.9', userAgent: '', secureTransport: false },
    ...{ outcome: { httpStatus: 403, errorCode: 'AccessDenied' }, resources: [], parameters: {} },
  }
}

test('buckets are management, objects are not; a bucket call is recorded once with its outcome', async () => {
  const client = createOssClient({ ...cloud, endpoint: cloud.endpoint, regionId: 'cn-hangzhou', bucket: 'audited' })
  await client.putBucket('audited')
  await client.put('secret-object', Buffer.from('x'))
  await client.putBucketACL('audited', 'private')
  await client.deleteBucketWebsite('no-such-audited').catch(() => {})
  await cloud.running.services.actiontrail.sequencer.placeWaiting()
  const rows = await sql(`select event_name, body::jsonb ->> 'errorCode' as error, event_rw from actiontrail.entries
    where service_name = 'Oss' and body like '%audited%' order by index`)
  expect(rows).toEqual([
    { event_name: 'PutBucket', error: null, event_rw: 'Write' },
    { event_name: 'PutBucketAcl', error: null, event_rw: 'Write' },
    { event_name: 'DeleteBucketWebsite', error: 'NoSuchBucket', event_rw: 'Write' },
  ])
  expect(await sql('select 1 from actiontrail.begun')).toEqual([])
})

test('event history finds by each attribute, pages both ways, and shows nobody else’s events', async () => {
  const account = await cloud.newAccount()
  const made: string[] = []
  for (let n = 0; n < 5; n += 1) made.push((await account.call('Vpc', 'CreateVpc', { VpcName: `n${n}` })).body.VpcId)
  const placed = () => cloud.running.services.actiontrail.sequencer.placeWaiting()
  await placed()
  const lookUp = async (parameters: Record<string, string>) =>
    (await account.call('Actiontrail', 'LookupEvents', parameters)).body
  const by = (key: string, value: string) => ({ 'LookupAttribute.1.Key': key, 'LookupAttribute.1.Value': value })
  const names = (body: { Events: { resourceName: string }[] }) => body.Events.map((event) => event.resourceName)

  expect(names(await lookUp(by('ResourceName', made[2] ?? '')))).toEqual([made[2]])
  const [first] = (await lookUp(by('ResourceName', made[0] ?? ''))).Events
  expect(names(await lookUp(by('EventId', first.eventId)))).toEqual([made[0]])
  for (const [key, value] of [
    ['ServiceName', 'Vpc'],
    ['EventName', 'CreateVpc'],
    ['User', 'root'],
    ['EventRW', 'Write'],
    ['ResourceType', 'ACS::VPC::VPC'],
    ['EventAccessKeyId', account.accessKeyId],
  ] as const) {
    const found = await lookUp({ ...by(key, value) })
    expect(
      names(found).filter((name) => name !== undefined),
      key,
    ).toEqual([...made].reverse())
  }
  const page = await lookUp({ ...by('EventName', 'CreateVpc'), MaxResults: '3', Direction: 'FORWARD' })
  const rest = await lookUp({
    ...by('EventName', 'CreateVpc'),
    MaxResults: '3',
    Direction: 'FORWARD',
    NextToken: page.NextToken,
  })
  expect([...names(page), ...names(rest)]).toEqual(made)
  expect(rest.NextToken).toBeUndefined()

  const other = await cloud.newAccount()
  const { body } = await other.call('Actiontrail', 'LookupEvents', by('ResourceName', made[0] ?? ''))
  expect(body.Events).toEqual([])
  const code = async (parameters: Record<string, string>) => (await lookUp(parameters)).Code
  expect(await code({ MaxResults: '51' })).toBe('InvalidQueryParameter')
  expect(await code({ StartTime: 'yesterday' })).toBe('InvalidQueryParameter')
  expect(await code(by('Colour', 'blue'))).toBe('InvalidQueryParameter')
})

test('while the trail cannot be written nothing is done, and it says so', async () => {
  const count = async () => (await sql('select count(*)::int as vpcs from vpc.vpcs'))[0]?.['vpcs']
  const before = await count()
  await sql('alter table actiontrail.inbox rename to inbox_away')
  await sql('alter table actiontrail.begun rename to begun_away')
  try {
    const write = await cloud.call('Vpc', 'CreateVpc')
    const read = await cloud.call('Vpc', 'DescribeVpcs')
    expect([write.status, write.body.Code]).toEqual([503, 'ServiceUnavailable'])
    expect([read.status, read.body.Code]).toEqual([503, 'ServiceUnavailable'])
    const client = createOssClient({ ...cloud, endpoint: cloud.endpoint, regionId: 'cn-hangzhou' })
    await expect(client.putBucket('never-made')).rejects.toMatchObject({ status: 503 })
  } finally {
    await sql('alter table actiontrail.inbox_away rename to inbox')
    await sql('alter table actiontrail.begun_away rename to begun')
  }
  expect(await count()).toBe(before)
  const client = createOssClient({ ...cloud, endpoint: cloud.endpoint, regionId: 'cn-hangzhou' })
  const listed = (await client.listBuckets({})) as unknown as { buckets?: { name: string }[] | null }
  expect((listed.buckets ?? []).map(({ name }) => name)).not.toContain('never-made')
  expect((await cloud.call('Vpc', 'DescribeVpcs')).status).toBe(200)
})

test('no secret of a run is in the log, its files included', async () => {
  const marker = () => `Marker-${randomUUID().slice(0, 18)}-9`
  const secrets = new Map<string, string>()
  const secret = (what: string): string => {
    const value = marker()
    secrets.set(what, value)
    secrets.set(`${what}, in base64`, Buffer.from(value).toString('base64').slice(0, 40))
    return value
  }
  const ok = async (product: string, action: string, parameters: Record<string, string>) => {
    const { status, body } = await cloud.call(product, action, parameters)
    expect([action, status, body.Code]).toEqual([action, 200, undefined])
    return body
  }
  await ok('Ram', 'CreateUser', { UserName: 'secretive' })
  await ok('Ram', 'CreateLoginProfile', { UserName: 'secretive', Password: secret('password') })
  const { AccessKey } = await ok('Ram', 'CreateAccessKey', { UserName: 'secretive' })
  secrets.set('access key secret', AccessKey.AccessKeySecret)
  await ok('Ecs', 'CreateCommand', {
    Name: 'secretive',
    Type: 'RunShellScript',
    CommandContent: Buffer.from(secret('command')).toString('base64'),
    ContentEncoding: 'Base64',
  })
  // Refused or not, what was sent must not be kept.
  await cloud.call('Ecs', 'RunInstances', {
    ImageId: 'micro',
    InstanceType: 'ecs.t5-lc2m1.nano',
    UserData: Buffer.from(secret('user data')).toString('base64'),
    Password: secret('machine password'),
  })
  const { KeyMetadata } = await ok('Kms', 'CreateKey', {})
  const Plaintext = Buffer.from(secret('plaintext')).toString('base64')
  const { CiphertextBlob } = await ok('Kms', 'Encrypt', { KeyId: KeyMetadata.KeyId, Plaintext })
  await ok('Kms', 'Decrypt', { CiphertextBlob })
  secrets.set('data key', (await ok('Kms', 'GenerateDataKey', { KeyId: KeyMetadata.KeyId })).Plaintext)
  await ok('Kms', 'CreateSecret', { SecretName: 'kept', VersionId: 'v1', SecretData: secret('secret data') })
  await ok('Kms', 'GetSecretValue', { SecretName: 'kept' })
  const { KeyPairName, PrivateKeyBody } = await ok('Ecs', 'CreateKeyPair', { KeyPairName: 'secretive' })
  expect(KeyPairName).toBe('secretive')
  secrets.set('private key', PrivateKeyBody.split('\n')[1])
  secrets.set('root secret', cloud.accessKeySecret)
  // An error that quotes what was signed, password included.
  const wrong = cloud.as({ accessKeyId: cloud.accessKeyId, accessKeySecret: 'wrong' })
  await wrong.call('Ram', 'CreateLoginProfile', { UserName: 'secretive', Password: secret('password of a wrong call') })
  await cloud.call('Ram', 'UpdateLoginProfile', { UserName: 'secretive', Password: secret('other password'), No: 'x' })
  secrets.set('signature', createHmac('sha1', `${cloud.accessKeySecret}&`).update('x').digest('base64'))

  await cloud.running.services.actiontrail.sequencer.placeWaiting()
  const [log] = await sql(`select size::int from actiontrail.logs where region_id = 'cn-hangzhou'`)
  const folder = join(cloud.running.ready.dataDir, 'audit')
  await cloud.eventually('the files', async () => {
    await cloud.running.reconcilers.passAll()
    const text = readFileSync(join(folder, 'cn-hangzhou', 'checkpoint'), 'utf8')
    return Number(text.split('\n')[1]) >= Number(log?.['size'])
  })
  const kept = [
    ...(await sql('select body from actiontrail.entries')).map((row) => row['body'] as string),
    ...readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .map((name) => join(folder, name))
      .filter((file) => statSync(file).isFile())
      .map((file) => readFileSync(file, 'latin1')),
  ].join('\n')
  expect(kept).toContain('CreateLoginProfile')
  expect([...secrets].filter(([, value]) => kept.includes(value)).map(([what]) => what)).toEqual([])
}, 60_000)
