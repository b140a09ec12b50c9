/** Any change to what a client signed is refused: each header, each parameter, body, method and path. */
import { createHash, createHmac, randomUUID } from 'node:crypto'
import { createRequire } from 'node:module'
import { startTestCloud, type TestCloud } from '@pileus/testkit/test-cloud'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { captureRequests } from './captured-under-test.ts'
import type { HttpRequest } from './http-request.ts'
import { formOf, httpRequest, signedAcs3, signedRpcV1 } from './signed-under-test.ts'

const require = createRequire(import.meta.url)
const { $OpenApiUtil, default: OpenApiClient } = require('@alicloud/openapi-core')

let cloud: TestCloud
beforeAll(async () => {
  cloud = await startTestCloud()
})
afterAll(async () => cloud?.[Symbol.asyncDispose]())

const whoAmI = { Action: 'GetCallerIdentity', Version: '2015-04-01' }

async function send(http: HttpRequest): Promise<{ status: number; code: string }> {
  const answer = await cloud.running.pipeline(http)
  return { status: answer.status, code: JSON.parse(answer.body).Code ?? '' }
}

/** Refused as a client's mistake, and not by the nonce: that would mean the change went unnoticed. */
async function expectRefused(http: HttpRequest, what: string): Promise<void> {
  const { status, code } = await send(http)
  expect(status, what).toBeGreaterThanOrEqual(400)
  expect(status, what).toBeLessThan(500)
  expect(code, what).not.toBe('SignatureNonceUsed')
}

function pairsOf(text: string): [string, string][] {
  return [...new URLSearchParams(text)]
}

function withForm(http: HttpRequest, pairs: [string, string][]): HttpRequest {
  return { ...http, body: Buffer.from(formOf(pairs)) }
}

test('RPC v1: every parameter is covered, whether altered, removed or added', async () => {
  const http = signedRpcV1(cloud, { ...whoAmI, Extra: 'x', Empty: '' })
  const pairs = pairsOf(http.body.toString())
  for (const [index, [name, value]] of pairs.entries()) {
    const altered = pairs.map((pair): [string, string] => (pair[0] === name ? [name, `${value}x`] : pair))
    await expectRefused(withForm(http, altered), `altering ${name}`)
    await expectRefused(withForm(http, pairs.toSpliced(index, 1)), `removing ${name}`)
    await expectRefused({ ...http, query: formOf([[name, value]]) }, `repeating ${name} in the query`)
  }
  await expectRefused(withForm(http, [...pairs, ['Added', '']]), 'adding to the form')
  await expectRefused({ ...http, query: 'RegionId=eu-central-1' }, 'adding to the query')
  await expectRefused({ ...http, method: 'GET', query: http.body.toString(), body: Buffer.alloc(0) }, 'the method')
  await expectRefused({ ...http, path: '/other' }, 'the path')
  await expectRefused({ ...http, headers: { host: 'x', 'content-type': 'text/plain' } }, 'the content type')
  expect((await send(http)).status, 'the request itself').toBe(200)
})

test('RPC v1: headers are not signed, so they decide nothing', async () => {
  const headers = {
    host: '127.0.0.1',
    'content-type': 'application/x-www-form-urlencoded',
    'x-acs-action': 'AssumeRole',
    'x-acs-version': '2014-05-26',
    'x-acs-region-id': 'no-such-region',
  }
  expect((await send({ ...signedRpcV1(cloud, whoAmI), headers })).status).toBe(200)
  const unnamed = { ...signedRpcV1(cloud, { Version: '2015-04-01' }), headers }
  expect((await send(unnamed)).code).toBe('MissingParameter')
  const unversioned = { ...signedRpcV1(cloud, { Action: 'GetCallerIdentity' }), headers }
  expect((await send(unversioned)).code).toBe('MissingParameter')
})

test('ACS3: every signed header is covered, also as the official client sends them', async () => {
  await using server = await captureRequests()
  const { accessKeyId, accessKeySecret } = cloud
  const client = new OpenApiClient(
    new $OpenApiUtil.Config({ endpoint: server.host, accessKeyId, accessKeySecret, protocol: 'http' }),
  )
  const options = new $OpenApiUtil.Params({
    action: 'GetCallerIdentity',
    version: '2015-04-01',
    protocol: 'HTTP',
    pathname: '/',
    method: 'POST',
    authType: 'AK',
    style: 'RPC',
    reqBodyType: 'formData',
    bodyType: 'json',
  })
  const request = new $OpenApiUtil.OpenApiRequest({ query: { Some: 'a b' }, body: { Other: 'é+' } })
  await client.callApi(options, request, {})
  const [http] = server.requests
  if (!http) throw new Error('the client sent nothing')

  const signedNames = /SignedHeaders=([^,]+)/.exec(String(http.headers.authorization))?.[1]?.split(';') ?? []
  expect(signedNames).toEqual(expect.arrayContaining(['host', 'content-type', 'x-acs-action', 'x-acs-content-sha256']))
  for (const name of signedNames) {
    const { [name]: value, ...others } = http.headers
    await expectRefused({ ...http, headers: { ...others, [name]: `${value}x` } }, `altering ${name}`)
    await expectRefused({ ...http, headers: others }, `removing ${name}`)
    const list = signedNames.filter((one) => one !== name).join(';')
    const authorization = String(http.headers.authorization).replace(/SignedHeaders=[^,]+/, `SignedHeaders=${list}`)
    await expectRefused({ ...http, headers: { ...http.headers, authorization } }, `unlisting ${name}`)
  }
  const adding = { ...http.headers, 'x-acs-security-token': 'x' }
  await expectRefused({ ...http, headers: adding }, 'adding a signed kind of header')
  await expectRefused({ ...http, body: Buffer.concat([http.body, Buffer.from('&A=1')]) }, 'adding to the body')
  await expectRefused({ ...http, body: Buffer.alloc(0) }, 'removing the body')
  await expectRefused({ ...http, query: `${http.query}&A=1` }, 'adding to the query')
  await expectRefused({ ...http, query: http.query.replace('Some', 'Same') }, 'altering the query')
  await expectRefused({ ...http, query: '' }, 'removing the query')
  await expectRefused({ ...http, method: 'GET' }, 'the method')
  await expectRefused({ ...http, path: '/x' }, 'the path')
  expect((await send(http)).status, 'the request itself').toBe(200)
})

test('an unsigned content type cannot turn a signed body into parameters', async () => {
  const body = Buffer.from('RegionId=eu-central-1')
  const http = signedAcs3(cloud, { action: 'GetCallerIdentity', version: '2015-04-01', body })
  const headers = { ...http.headers, 'content-type': 'application/x-www-form-urlencoded' }
  expect(await send({ ...http, headers })).toEqual({ status: 400, code: 'IncompleteSignature' })
  expect((await send(http)).status).toBe(200)
})

test('ROA v1: a form, whose parameters decide what is done, needs its Content-MD5', async () => {
  const sign = (form: string, md5: string): HttpRequest => {
    const headers = {
      host: '127.0.0.1:8080',
      accept: 'application/json',
      ...(md5 ? { 'content-md5': md5 } : {}),
      'content-type': 'application/x-www-form-urlencoded',
      date: new Date().toUTCString(),
      'x-acs-signature-nonce': randomUUID(),
      'x-acs-version': '2015-04-01',
    }
    const lines = ['POST', headers.accept, md5, headers['content-type'], headers.date]
    lines.push(`x-acs-signature-nonce:${headers['x-acs-signature-nonce']}`, 'x-acs-version:2015-04-01', '/')
    const signature = createHmac('sha1', cloud.accessKeySecret).update(lines.join('\n')).digest('base64')
    const authorization = `acs ${cloud.accessKeyId}:${signature}`
    return httpRequest({ method: 'POST', headers: { ...headers, authorization }, body: Buffer.from(form) })
  }
  const form = 'Action=GetCallerIdentity'
  const md5 = createHash('md5').update(form).digest('base64')
  expect(await send(sign(form, ''))).toEqual({ status: 400, code: 'IncompleteSignature' })
  const http = sign(form, md5)
  expect((await send({ ...http, body: Buffer.from('Action=AssumeRole') })).code).toBe('IncompleteSignature')
  expect((await send(http)).status).toBe(200)
})

test('one key cannot sign for another', async () => {
  const other = await cloud.newAccount()
  const mixed = { accessKeyId: cloud.accessKeyId, accessKeySecret: other.accessKeySecret }
  expect((await send(signedRpcV1(mixed, whoAmI))).code).toBe('SignatureDoesNotMatch')
  const acs3 = signedAcs3(mixed, { action: 'GetCallerIdentity', version: '2015-04-01' })
  expect((await send(acs3)).code).toBe('SignatureDoesNotMatch')
})

test('a key that takes no security token refuses one', async () => {
  const http = signedRpcV1(cloud, { ...whoAmI, SecurityToken: 'anything' })
  expect((await send(http)).code).toBe('InvalidSecurityToken.MismatchWithAccessKey')
})

test('what a refused signature shows is bounded, whatever was sent', async () => {
  const wrong = { accessKeyId: cloud.accessKeyId, accessKeySecret: 'wrong' }
  const answer = await cloud.running.pipeline(signedRpcV1(wrong, { ...whoAmI, Big: 'é'.repeat(500_000) }))
  expect(answer.status).toBe(400)
  expect(answer.body.length).toBeLessThan(70_000)
})
