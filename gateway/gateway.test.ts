import { randomUUID } from 'node:crypto'
import { createSdkClients } from '@pileus/testkit/sdk-clients'
import { startTestCloud, type TestCloud } from '@pileus/testkit/test-cloud'
import { afterAll, beforeAll, expect, test } from 'vitest'

let cloud: TestCloud
beforeAll(async () => {
  cloud = await startTestCloud()
})
afterAll(async () => cloud?.[Symbol.asyncDispose]())

test('the official SDK is told who it is, over http with ACS3', async () => {
  const { body } = await cloud.sts.getCallerIdentity()
  expect(body).toMatchObject({ accountId: cloud.accountId, identityType: 'Account' })
})

test('GET and POST signed with RPC v1 are both understood', async () => {
  for (const method of ['GET', 'POST'] as const) {
    const answer = await cloud.call('Sts', 'GetCallerIdentity', {}, { method })
    expect(answer).toMatchObject({ status: 200, body: { AccountId: cloud.accountId } })
  }
})

test('a wrong secret answers SignatureDoesNotMatch with the string that the server signed', async () => {
  const answer = await cloud.call('Sts', 'GetCallerIdentity', {}, { accessKeySecret: 'wrong' })
  expect(answer.status).toBe(400)
  expect(answer.body.Code).toBe('SignatureDoesNotMatch')
  expect(answer.body.Message).toContain('server string to sign is:POST&%2F&AccessKeyId%3D')
})

test('an unknown access key answers InvalidAccessKeyId.NotFound', async () => {
  const answer = await cloud.call('Sts', 'GetCallerIdentity', {}, { accessKeyId: 'LTAIabsent' })
  expect(answer).toMatchObject({ status: 404, body: { Code: 'InvalidAccessKeyId.NotFound' } })
})

test('a nonce is accepted once', async () => {
  const system = { SignatureNonce: randomUUID() }
  const first = await cloud.call('Sts', 'GetCallerIdentity', {}, { system })
  const second = await cloud.call('Sts', 'GetCallerIdentity', {}, { system })
  expect(first.status).toBe(200)
  expect(second).toMatchObject({ status: 400, body: { Code: 'SignatureNonceUsed' } })
})

test('timestamps are accepted within 15 minutes, and explained beyond', async () => {
  const at = (ms: number) => ({ Timestamp: `${new Date(Date.now() + ms).toISOString().slice(0, 19)}Z` })
  const near = await cloud.call('Sts', 'GetCallerIdentity', {}, { system: at(-14 * 60_000) })
  const late = await cloud.call('Sts', 'GetCallerIdentity', {}, { system: at(-16 * 60_000) })
  const early = await cloud.call('Sts', 'GetCallerIdentity', {}, { system: at(16 * 60_000) })
  const odd = await cloud.call('Sts', 'GetCallerIdentity', {}, { system: { Timestamp: 'yesterday' } })
  expect(near.status).toBe(200)
  expect(late.body.Code).toBe('InvalidTimeStamp.Expired')
  expect(early.body.Code).toBe('InvalidTimeStamp.Expired')
  expect(odd.body.Code).toBe('InvalidTimeStamp.Format')
})

test('an action of the contract that is not implemented answers 501 with its name, an unknown one 404', async () => {
  const known = await cloud.call('Vpc', 'CreateVpnGateway')
  const unknown = await cloud.call('Sts', 'MakeCoffee')
  const otherProduct = await cloud.call('Slb', 'CreateLoadBalancer')
  expect(known).toMatchObject({ status: 501, body: { Code: 'Api.NotImplemented' } })
  expect(known.body.Message).toContain('CreateVpnGateway')
  expect(unknown).toMatchObject({ status: 404, body: { Code: 'InvalidAction.NotFound' } })
  expect(otherProduct.status).toBe(501)
})

test('errors have the five strings that the strict Go SDK asserts on', async () => {
  const { body } = await cloud.call('Sts', 'MakeCoffee')
  for (const field of ['RequestId', 'HostId', 'Code', 'Message', 'Recommend']) expect(typeof body[field]).toBe('string')
})

test('XML is answered when it is asked for, errors too', async () => {
  const good = await cloud.call('Sts', 'GetCallerIdentity', {}, { system: { Format: 'XML' } })
  const bad = await cloud.call('Sts', 'MakeCoffee', {}, { system: { Format: 'XML' } })
  expect(good.body).toContain(`<AccountId>${cloud.accountId}</AccountId>`)
  expect(good.body).toContain('<GetCallerIdentityResponse>')
  expect(bad.body).toMatch(/<Error>.*<Code>InvalidAction.NotFound<\/Code>/s)
})

test('a parameter that is given twice is refused', async () => {
  const response = await fetch(
    `http://${cloud.endpoint}/?Action=GetCallerIdentity&Action=AssumeRole&Version=2015-04-01`,
  )
  expect(response.status).toBe(400)
  expect(((await response.json()) as { Code: string }).Code).toBe('InvalidParameter.Duplicate')
})

test('https works with the CA file alone', async () => {
  const { readFileSync } = await import('node:fs')
  const { httpsEndpoint, caFile } = cloud.running.ready
  const clients = createSdkClients({
    endpoint: httpsEndpoint,
    regionId: cloud.regionId,
    accessKeyId: cloud.accessKeyId,
    accessKeySecret: cloud.accessKeySecret,
    protocol: 'https',
    ca: readFileSync(caFile, 'utf8'),
  })
  const { body } = await clients.sts.getCallerIdentity()
  expect(body?.accountId).toBe(cloud.accountId)
})

test('a refusal is said in the language asked for: by parameter, and by header', async () => {
  const asked = { RegionId: 'cn-hangzhou', VpcId: 'vpc-none' }
  const said = async (AcceptLanguage: string): Promise<string> =>
    (await cloud.call('Vpc', 'DeleteVpc', { ...asked, AcceptLanguage })).body.Message
  expect(await said('de-DE')).toBe('In dieser Region gibt es keine VPC vpc-none.')
  expect(await said('zh-CN')).toContain('vpc-none')
  expect(await said('fr')).toBe('There is no VPC vpc-none in this region.')
  const { body } = await cloud.call('Vpc', 'DescribeVpcs', {
    RegionId: 'cn-hangzhou',
    PageSize: '0',
    AcceptLanguage: 'de',
  })
  expect(body.Message).toContain('es muss eine ganze Zahl von 1 bis')
  const object = await fetch(`http://${cloud.endpoint}/no-such-bucket/key`, { headers: { 'accept-language': 'ja' } })
  expect(await object.text()).toMatch(/<Message>[^<]*[\u3040-\u30ff]/)
})
