import type { AccountId } from '@pileus/kernel/ids'
import { type ResidencyReport, renderReport, verifyReport } from '@pileus/kernel/residency/report'
import { createOssClient } from '@pileus/testkit/oss-clients'
import { callOss } from '@pileus/testkit/oss-signed-call'
import { startTestCloud, type TestAccount, type TestCloud } from '@pileus/testkit/test-cloud'
import { afterAll, beforeAll, expect, test } from 'vitest'

let cloud: TestCloud
beforeAll(async () => {
  cloud = await startTestCloud({ regions: ['eu-central-1', 'ap-south-1', 'ap-southeast-1', 'cn-hangzhou'] })
})
afterAll(async () => cloud?.[Symbol.asyncDispose]())

const system = { Version: '2026-11-01' }
// biome-ignore lint/suspicious/noExplicitAny: answers have many shapes, and the tests say which.
type Answer = { status: number; body: any }

async function ask(account: TestAccount, action: string, parameters: Record<string, string> = {}) {
  return (await account.call('Residency', action, parameters, { system })) as Answer
}
const keyOf = ({ accessKeyId, accessKeySecret }: TestAccount) => ({ accessKeyId, accessKeySecret })
const makeVpc = async (account: TestAccount, regionId: string, parameters: Record<string, string> = {}) =>
  (await account.call('Vpc', 'CreateVpc', { RegionId: regionId, ...parameters })) as Answer

test('an account that declares nothing may go everywhere, and no decision is kept', async () => {
  const account = await cloud.newAccount()
  expect((await makeVpc(account, 'ap-southeast-1')).status).toBe(200)
  expect((await ask(account, 'ListResidencyDecisions')).body.Decisions.Decision).toEqual([])
})

test('the gate answers at once for an account that it knows, whether or not law has a say', async () => {
  const open = await cloud.newAccount()
  const bound = await cloud.newAccount()
  await ask(bound, 'TagDataClasses', { 'DataClass.1': 'payment', Origin: 'IN' })
  const principal = { kind: 'platform', name: 'test' } as const
  const question = (account: TestAccount) => ({
    ...{ accountId: account.accountId as AccountId, principal, action: 'oss:PutObject', regionId: 'ap-southeast-1' },
    resource: `acs:oss:ap-southeast-1:${account.accountId}:bucket/key`,
  })
  const gate = cloud.running.services.residency
  expect(await gate.mayPlace(question(open))).toEqual({ kind: 'allowed' })
  expect(gate.mayPlace(question(open))).toEqual({ kind: 'allowed' })
  const denied = await cloud.eventually('the memory is trusted', async () => {
    const made = gate.mayPlace(question(bound))
    return made instanceof Promise ? made.then(() => false as const) : made
  })
  expect(denied).toMatchObject({
    kind: 'denied',
    citations: [expect.stringContaining('IN-RBI-2018: RBI/2017-18/153')],
    needs: [],
    evidence: { decision: 'deny', regionId: 'ap-southeast-1', details: { dataClasses: 'payment' } },
  })
})

test('equal decisions of a day are one row, which counts them', async () => {
  const account = await cloud.newAccount()
  await ask(account, 'SetResidencyPolicy', { 'AllowedPlace.1': 'DE' })
  for (let time = 0; time < 3; time += 1) expect((await makeVpc(account, 'cn-hangzhou')).status).toBe(403)
  const counted = await cloud.eventually('three are counted', async () => {
    const rows = (await ask(account, 'ListResidencyDecisions')).body.Decisions.Decision as { Times: number }[]
    return rows[0]?.Times === 3 && rows
  })
  expect(counted).toMatchObject([{ Decision: 'deny', Statutes: { StatuteId: ['account-policy'] }, Times: 3 }])
})

test('what the platform is refused is in the trail of the region that the data did not leave', async () => {
  const account = await cloud.newAccount()
  await ask(account, 'TagDataClasses', { 'DataClass.1': 'personal' })
  const made = await cloud.running.services.residency.mayMove({
    ...{ accountId: account.accountId as AccountId, principal: { kind: 'platform', name: 'oss.replicator' } },
    ...{ action: 'oss:ReplicatePut', fromRegionId: 'eu-central-1', regionId: 'cn-hangzhou' },
    resource: `acs:oss:eu-central-1:${account.accountId}:bucket/secret-name`,
  })
  expect(made).toMatchObject({ kind: 'denied', needs: ['scc-with-tia', 'derogation'] })
  const { rows } = await cloud.running.store.pool.query<{ region_id: string; body: string }>(
    `select region_id, body from actiontrail.inbox where account_id = $1 and body like '%ReplicatePut%'
     union all
     select region_id, body from actiontrail.entries where account_id = $1 and body like '%ReplicatePut%'`,
    [account.accountId],
  )
  expect(rows).toMatchObject([{ region_id: 'eu-central-1', body: expect.stringContaining('EU-GDPR-V') }])
  expect(rows[0]?.body).not.toContain('secret-name')
})

test('data under a law that keeps it at home is refused elsewhere, with the law, and allowed at home', async () => {
  const account = await cloud.newAccount()
  const tagged = await ask(account, 'TagDataClasses', { 'DataClass.1': 'payment', Origin: 'ap-south-1' })
  expect(tagged.status).toBe(200)
  const refused = await makeVpc(account, 'ap-southeast-1')
  expect(refused).toMatchObject({ status: 403, body: { Code: 'Forbidden.Residency' } })
  expect(refused.body.Message).toContain('[IN-RBI-2018]')
  expect(refused.body.Message).toContain('India')
  expect((await makeVpc(account, 'ap-southeast-1')).status).toBe(403)
  expect((await makeVpc(account, 'ap-south-1')).status).toBe(200)

  // Reads place nothing.
  expect((await account.call('Vpc', 'DescribeVpcs', { RegionId: 'ap-southeast-1' })).status).toBe(200)

  const [first] = (await ask(account, 'ListResidencyDecisions', { Decision: 'deny' })).body.Decisions.Decision
  expect(first).toMatchObject({
    Action: 'vpc:CreateVpc',
    Caller: 'root',
    FromRegionId: '',
    RegionId: 'ap-southeast-1',
    Decision: 'deny',
    DataClasses: { DataClass: ['payment'] },
    Statutes: { StatuteId: ['IN-RBI-2018'] },
    LastRequestId: expect.stringMatching(/^[0-9A-F-]{36}$/),
  })

  await ask(account, 'SetResidencyFacts', { Facts: JSON.stringify({ foreignLeg: true }) })
  expect((await makeVpc(account, 'ap-southeast-1')).status).toBe(200)
  const [newest] = (await ask(account, 'ListResidencyDecisions')).body.Decisions.Decision
  expect(newest).toMatchObject({ Decision: 'allow', Facts: '{"foreignLeg":true}' })

  await ask(account, 'SetResidencyFacts', { Facts: '{}' })
  expect((await makeVpc(account, 'ap-southeast-1')).status).toBe(403)
  await ask(account, 'UntagDataClasses', { 'DataClass.1': 'payment' })
  expect((await makeVpc(account, 'ap-southeast-1')).status).toBe(200)
})

test('a condition that is not met refuses and says what would meet it', async () => {
  const account = await cloud.newAccount()
  await ask(account, 'TagDataClasses', { 'DataClass.1': 'personal', Origin: 'DE' })
  const refused = await makeVpc(account, 'cn-hangzhou')
  expect(refused.body.Message).toContain('standard clauses with a transfer impact assessment')
  await ask(account, 'SetResidencyFacts', { Facts: '{"onFile":["EU-GDPR-V:scc-with-tia"]}' })
  expect((await makeVpc(account, 'cn-hangzhou')).status).toBe(200)
})

test('a policy allows jurisdictions and regions, and nothing else', async () => {
  const account = await cloud.newAccount()
  expect((await ask(account, 'GetResidencyPolicy')).body.Code).toBe('EntityNotExist.Policy')
  await ask(account, 'SetResidencyPolicy', { 'AllowedPlace.1': 'DE', 'AllowedPlace.2': 'ap-south-1' })
  expect((await ask(account, 'GetResidencyPolicy')).body.AllowedPlaces.AllowedPlace).toEqual(['DE', 'ap-south-1'])
  expect((await makeVpc(account, 'eu-central-1')).status).toBe(200)
  expect((await makeVpc(account, 'ap-south-1')).status).toBe(200)
  const refused = await makeVpc(account, 'cn-hangzhou')
  expect(refused.body.Code).toBe('Forbidden.Residency')
  expect(refused.body.Message).toContain('allows data in DE, ap-south-1 only')
  await ask(account, 'DeleteResidencyPolicy')
  expect((await makeVpc(account, 'cn-hangzhou')).status).toBe(200)
})

test('user data of an instance is placed like other data; what lies there already may be unprotected and named', async () => {
  const account = await cloud.newAccount()
  await ask(account, 'SetResidencyPolicy', { 'AllowedPlace.1': 'DE' })
  const modify = async (parameters: Record<string, string>) => {
    const instance = { RegionId: 'cn-hangzhou', InstanceId: 'i-00000000000000000000', ...parameters }
    return (await account.call('Ecs', 'ModifyInstanceAttribute', instance)).body.Code
  }
  expect(await modify({ UserData: 'ZWNobw==' })).toBe('Forbidden.Residency')
  expect(await modify({ DeletionProtection: 'false' })).toBe('InvalidInstanceId.NotFound')
})

test('whoever asks for replication, the gate judges by the account whose data it is', async () => {
  const [owner, stranger] = [await cloud.newAccount(), await cloud.newAccount()]
  const [from, to] = ['moved-by-others-from', 'moved-by-others-to']
  for (const [bucket, regionId] of [
    [from, 'cn-hangzhou'],
    [to, 'eu-central-1'],
  ] as const) {
    const client = createOssClient({
      ...keyOf(owner),
      endpoint: cloud.endpoint,
      regionId,
      bucket,
      authorizationV4: true,
    })
    await client.putBucket(bucket)
    const Resource = [`acs:oss:*:${owner.accountId}:${bucket}`, `acs:oss:*:${owner.accountId}:${bucket}/*`]
    const Statement = [{ Effect: 'Allow', Principal: [stranger.accountId], Action: ['oss:*'], Resource }]
    const body = JSON.stringify({ Version: '1', Statement })
    const put = { method: 'PUT', bucket, query: { policy: undefined }, body } as const
    expect((await callOss({ ...keyOf(owner), endpoint: cloud.endpoint }, put)).status).toBe(200)
  }
  const add = () =>
    callOss(
      { ...keyOf(stranger), endpoint: cloud.endpoint },
      {
        method: 'POST',
        bucket: from,
        query: { replication: undefined, comp: 'add' },
        body: `<ReplicationConfiguration><Rule><Destination><Bucket>${to}</Bucket><Location>oss-eu-central-1</Location></Destination></Rule></ReplicationConfiguration>`,
      },
    )
  await ask(owner, 'SetResidencyPolicy', { 'AllowedPlace.1': 'CN' })
  const refused = await add()
  expect([refused.status, refused.text]).toEqual([
    403,
    expect.stringContaining('may not be replicated to eu-central-1'),
  ])
  await ask(owner, 'DeleteResidencyPolicy')
  await ask(stranger, 'SetResidencyPolicy', { 'AllowedPlace.1': 'CN' })
  await cloud.eventually('the rule is taken', async () => (await add()).status === 200)
})

test('classes of a bucket count for that bucket, also when somebody else puts objects', async () => {
  const account = await cloud.newAccount()
  const arn = `acs:vpc:*:${account.accountId}:vpc/nothing`
  await ask(account, 'TagDataClasses', { 'DataClass.1': 'health', Origin: 'AE', ResourceArn: arn })
  expect((await makeVpc(account, 'cn-hangzhou')).status).toBe(200)
  const listed = (await ask(account, 'ListDataClasses', { MaxResults: '1' })).body
  expect(listed.DataClasses.DataClass).toMatchObject([{ ResourceArn: arn, DataClass: 'health', Origin: 'AE' }])
  await ask(account, 'TagDataClasses', { 'DataClass.1': 'personal' })
  const first = (await ask(account, 'ListDataClasses', { MaxResults: '1' })).body
  expect(first.DataClasses.DataClass).toMatchObject([{ ResourceArn: '', DataClass: 'personal' }])
  const second = (await ask(account, 'ListDataClasses', { MaxResults: '1', NextToken: first.NextToken })).body
  expect(second.DataClasses.DataClass).toMatchObject([{ ResourceArn: arn }])
  expect(second.NextToken).toBeUndefined()
})

test('ExplainResidency answers as the gate would, in the language asked for', async () => {
  const account = await cloud.newAccount()
  const question = { From: 'eu-central-1', To: 'JP', OnDate: '2026-11-01', 'DataClass.1': 'personal' }
  const found = (await ask(account, 'ExplainResidency', question)).body
  expect(found).toMatchObject({ Decision: 'allow', Routes: { Route: ['EU-GDPR-V:adequacy'] } })
  expect(found.Statutes.Statute[0].Citation).toContain('2016/679')
  const before = (await ask(account, 'ExplainResidency', { ...question, OnDate: '2018-09-19' })).body
  expect(before).toMatchObject({ Decision: 'conditional', Needs: { Need: ['scc-with-tia', 'derogation'] } })
})

test.each([
  ['TagDataClasses', { 'DataClass.1': 'secrets' }, 'DataClass'],
  ['TagDataClasses', { 'DataClass.1': 'personal', Origin: 'FR' }, 'Origin'],
  ['TagDataClasses', { 'DataClass.1': 'personal', ResourceArn: 'acs:oss:*:1234567890123456:b' }, 'ResourceArn'],
  ['SetResidencyFacts', { Facts: '{"isSafe":true}' }, 'Facts'],
  ['SetResidencyFacts', { Facts: 'true' }, 'Facts'],
  ['SetResidencyFacts', { Facts: '{' }, 'Facts'],
  ['SetResidencyPolicy', { 'AllowedPlace.1': 'FR' }, 'AllowedPlace'],
  ['ExplainResidency', { From: 'DE', To: 'JP' }, 'DataClass'],
  ['ExplainResidency', { From: 'DE', To: 'ZZ', 'DataClass.1': 'personal' }, 'To'],
  ['ExplainResidency', { From: 'DE', To: 'JP', 'DataClass.1': 'personal', OnDate: 'today' }, 'OnDate'],
  ['ListResidencyDecisions', { Decision: 'maybe' }, 'Decision'],
])('%s refuses %j and names %s', async (action, parameters, parameter) => {
  const { status, body } = await ask(cloud, action, parameters as unknown as Record<string, string>)
  expect(status).toBe(400)
  expect(body.Message).toContain(`"${parameter}"`)
})

test('object storage refuses as well, in the language asked for, by the law of whoever owns the bucket', async () => {
  const account = await cloud.newAccount()
  const put = (regionId: string, language: string) =>
    createOssClient({ endpoint: cloud.endpoint, regionId, authorizationV4: true, ...keyOf(account) }).putBucket(
      `residency-${regionId}`,
      { headers: { 'Accept-Language': language } } as never,
    )
  await ask(account, 'TagDataClasses', { 'DataClass.1': 'payment', Origin: 'IN' })
  await expect(put('ap-southeast-1', 'de')).rejects.toMatchObject({
    status: 403,
    code: 'AccessDenied',
    message: expect.stringContaining('aus Indien nach Singapur'),
  })
  await put('ap-south-1', 'de')
  const arn = `acs:oss:*:${account.accountId}:residency-ap-south-1`
  await ask(account, 'UntagDataClasses', { 'DataClass.1': 'payment' })
  await ask(account, 'TagDataClasses', { 'DataClass.1': 'health', Origin: 'AE', ResourceArn: arn })
  const client = createOssClient({
    ...{ endpoint: cloud.endpoint, regionId: 'ap-south-1', bucket: 'residency-ap-south-1', authorizationV4: true },
    ...keyOf(account),
  })
  await expect(client.put('x', Buffer.from('x'))).rejects.toMatchObject({
    code: 'AccessDenied',
    message: expect.stringContaining('[AE-HEALTH-13]'),
  })
  await put('ap-southeast-1', 'de')
})

test('RPC calls are refused in the language asked for', async () => {
  const account = await cloud.newAccount()
  await ask(account, 'SetResidencyPolicy', { 'AllowedPlace.1': 'DE' })
  const refused = await makeVpc(account, 'cn-hangzhou', { AcceptLanguage: 'ja' })
  expect(refused.body.Message).toContain('データ所在ポリシー')
})

test('a report tells where everything lies, and shows any change to it', async () => {
  const account = await cloud.newAccount()
  const empty = verifyReport((await ask(account, 'GenerateResidencyReport')).body.Report)
  expect(empty).toMatchObject({ kind: 'valid', report: { accountId: account.accountId, allowedPlaces: null } })
  const { body } = await makeVpc(account, 'eu-central-1')
  const oss = { endpoint: cloud.endpoint, regionId: 'ap-south-1', bucket: 'residency-report', authorizationV4: true }
  const client = createOssClient({ ...oss, ...keyOf(account) })
  await client.putBucket('residency-report')
  await client.put('x', Buffer.from('12345'))
  expect((await account.call('Kms', 'CreateKey', { RegionId: 'eu-central-1' })).status).toBe(200)
  expect((await account.call('Ram', 'CreateUser', { UserName: 'somebody' })).status).toBe(200)
  const answer = (await ask(account, 'GenerateResidencyReport')).body
  const verified = verifyReport(answer.Report, answer.PublicKey) as { kind: string; report: ResidencyReport }
  expect(verified.kind).toBe('valid')
  expect(verified.report.resources).toContainEqual({
    arn: `acs:vpc:eu-central-1:${account.accountId}:vpc/${body.VpcId}`,
    regionId: 'eu-central-1',
    kind: 'vpc',
    jurisdiction: 'DE',
  })
  expect(verified.report.resources).toContainEqual({
    arn: `acs:oss:ap-south-1:${account.accountId}:residency-report`,
    ...{ regionId: 'ap-south-1', kind: 'bucket', bytes: 5, items: 1, jurisdiction: 'IN' },
  })
  expect(verified.report.resources.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['key', 'user', 'log']))
  expect(verified.report.regions.map(({ regionId }) => regionId)).toContain('eu-central-1')
  expect(renderReport(verified.report)).toContain('ap-south-1 (IN, run by platform)')
  const altered = answer.Report.replaceAll('eu-central-1', 'ap-south-1')
  expect(verifyReport(altered)).toEqual({ kind: 'invalid', reason: 'it was changed after it was signed.' })
  expect(verifyReport(answer.Report, 'other')).toMatchObject({ kind: 'invalid' })
})
