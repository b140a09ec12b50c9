/** What the official clients sign must be what this gateway verifies, whatever the values hold. */
import { createRequire } from 'node:module'
import { startTestCloud, type TestCloud } from '@pileus/testkit/test-cloud'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { captureRequests } from './captured-under-test.ts'
import { readAcs3 } from './signatures/acs3.ts'
import { readRoaV1 } from './signatures/roa-v1.ts'
import { parse } from './stages/parse.ts'

// The packages are CommonJS; their own types do not cover what is used here.
const require = createRequire(import.meta.url)
const { RPCClient, ROAClient } = require('@alicloud/pop-core')
const { $OpenApiUtil, default: OpenApiClient } = require('@alicloud/openapi-core')

const hardValues: readonly string[] = [
  '',
  ' ',
  '+',
  'a+b c',
  '%',
  '%25%2B%zz',
  '*',
  "~!'()*",
  '&=&a=b;c',
  'line\nbreak\r\n\ttab',
  'Hangzhou 杭州 \u{1F600}\u{10FFFF}',
  'e\u0301 é \u200f\ufeff',
  '\u0001\u007f\u0085',
  '<a href="?x=1&amp;y">#fragment/../..\\',
  '{"json":["[1]",null]}',
  'A'.repeat(20_000),
]
const parameters = Object.fromEntries(hardValues.map((value, index) => [`Hard.${index + 1}.Value`, value]))
// Node's own limit for a request line is near.
const shortParameters = Object.fromEntries(Object.entries(parameters).filter(([, value]) => value.length < 10_000))

let cloud: TestCloud
beforeAll(async () => {
  cloud = await startTestCloud()
})
afterAll(async () => cloud?.[Symbol.asyncDispose]())

function popCore() {
  const { accessKeyId, accessKeySecret } = cloud
  return new RPCClient({ endpoint: `http://${cloud.endpoint}`, apiVersion: '2015-04-01', accessKeyId, accessKeySecret })
}

function openApi(more: object = {}) {
  const { endpoint, accessKeyId, accessKeySecret } = cloud
  const config = { endpoint, accessKeyId, accessKeySecret, protocol: 'http', regionId: cloud.regionId, ...more }
  return new OpenApiClient(new $OpenApiUtil.Config(config))
}

function callOptions(more: object = {}) {
  return new $OpenApiUtil.Params({
    action: 'GetCallerIdentity',
    version: '2015-04-01',
    protocol: 'HTTP',
    pathname: '/',
    method: 'POST',
    authType: 'AK',
    style: 'RPC',
    reqBodyType: 'formData',
    bodyType: 'json',
    ...more,
  })
}

describe('pop-core, RPC v1', () => {
  test.each(['GET', 'POST'])('%s with every hard value is accepted', async (method) => {
    const sent = method === 'GET' ? shortParameters : parameters
    const answer = await popCore().request('GetCallerIdentity', sent, { method })
    expect(answer.AccountId).toBe(cloud.accountId)
  })

  test.each(hardValues.map((value) => [value.slice(0, 40), value]))(
    'POST of %j alone is accepted',
    async (_, value) => {
      const answer = await popCore().request('GetCallerIdentity', { Value: value }, { method: 'POST' })
      expect(answer.AccountId).toBe(cloud.accountId)
    },
  )

  test('a wrong secret is answered with the string that this client signed', async () => {
    const { accessKeyId } = cloud
    const endpoint = `http://${cloud.endpoint}`
    const client = new RPCClient({ endpoint, apiVersion: '2015-04-01', accessKeyId, accessKeySecret: 'wrong' }, true)
    const call = client.request('GetCallerIdentity', shortParameters, { method: 'POST' })
    const error = await call.then(
      () => undefined,
      (thrown: { code: string; message: string }) => thrown,
    )
    expect(error?.code).toBe('SignatureDoesNotMatch')
    // The values are encoded twice in it: this is the one that holds every reserved character.
    expect(error?.message).toContain(`Value%3D~%2521%2527%2528%2529%252A`)
  })
})

describe.each([
  ['ACS3', {}],
  ['v2', { signatureAlgorithm: 'v2' }],
])('openapi-core, %s', (_, config) => {
  test('every hard value in the query is accepted', async () => {
    const request = new $OpenApiUtil.OpenApiRequest({ query: shortParameters })
    const { body } = await openApi(config).callApi(callOptions(), request, {})
    expect(body.AccountId).toBe(cloud.accountId)
  })

  test('every hard value in the form is accepted, beside a query', async () => {
    const request = new $OpenApiUtil.OpenApiRequest({ query: { Other: 'x y' }, body: parameters })
    const { body } = await openApi(config).callApi(callOptions(), request, {})
    expect(body.AccountId).toBe(cloud.accountId)
  })

  test('GET is accepted', async () => {
    const request = new $OpenApiUtil.OpenApiRequest({ query: shortParameters })
    const { body } = await openApi(config).callApi(callOptions({ method: 'GET' }), request, {})
    expect(body.AccountId).toBe(cloud.accountId)
  })

  test('a security token that nobody issued is refused, whatever it holds', async () => {
    for (const securityToken of ['x', 'a+b/c==', 'A'.repeat(4_000)]) {
      const client = openApi({ ...config, securityToken, accessKeyId: 'STS.nobody' })
      const call = client.callApi(callOptions(), new $OpenApiUtil.OpenApiRequest({}), {})
      await expect(call).rejects.toMatchObject({ code: 'InvalidSecurityToken.Malformed' })
    }
  })
})

// No ROA product is implemented, so their requests are caught and verified by themselves.
describe('ROA requests', () => {
  test('of pop-core verify, with and without a body', async () => {
    await using server = await captureRequests()
    const { accessKeyId, accessKeySecret } = cloud
    const client = new ROAClient({ endpoint: server.url, apiVersion: '2020-12-30', accessKeyId, accessKeySecret })
    // An unescaped newline cannot be in the string that ROA v1 signs; all else can.
    const query = Object.fromEntries(Object.entries(shortParameters).filter(([, value]) => !/[\r\n]/.test(value)))
    await client.request('GET', '/logstores', query)
    await client.request('POST', '/a/b-c', {}, JSON.stringify({ text: '杭州' }), { 'Content-Type': 'application/json' })
    await client.request('PUT', '/a', { empty: '' }, 'x', { 'x-acs-region-id': 'cn-hangzhou' })
    expect(server.requests).toHaveLength(3)
    for (const http of server.requests) {
      const signed = readRoaV1(http, parsed(http).query)
      expect(signed.matches(accessKeySecret)).toBe(true)
      expect(signed.matches(`${accessKeySecret}x`)).toBe(false)
    }
  })

  test.each(['ACS3', 'v2'])('of openapi-core verify, %s', async (algorithm) => {
    await using server = await captureRequests()
    const signatureAlgorithm = algorithm === 'v2' ? { signatureAlgorithm: 'v2' } : {}
    const client = openApi({ ...signatureAlgorithm, endpoint: server.host, securityToken: 'token+/=' })
    const options = { style: 'ROA', pathname: '/logstores/a-b_c.d~e', reqBodyType: 'json' }
    for (const request of [{ query: { empty: '', name: 'a b', plus: '+' } }, { body: { text: '杭州\n\u{1F600}' } }]) {
      await client.callApi(callOptions(options), new $OpenApiUtil.OpenApiRequest(request), {})
    }
    expect(server.requests).toHaveLength(2)
    for (const http of server.requests) {
      const { query, protocol } = parsed(http)
      expect(protocol).toBe(algorithm === 'v2' ? 'roa-v1' : 'acs3')
      const signed = protocol === 'acs3' ? readAcs3(http, query) : readRoaV1(http, query)
      expect(signed.securityToken).toBe('token+/=')
      expect(signed.matches(cloud.accessKeySecret)).toBe(true)
    }
  })
})

function parsed(http: Parameters<typeof readAcs3>[0]) {
  const exchange = { http } as Parameters<typeof parse>[0]
  parse(exchange)
  return exchange
}
