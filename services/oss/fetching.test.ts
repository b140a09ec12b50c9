/** What this cloud fetches from other hosts in a customer's name. */
import { createHash } from 'node:crypto'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createOssClient } from '@pileus/testkit/oss-clients'
import { callOss, type OssCall } from '@pileus/testkit/oss-signed-call'
import { startTestCloud, type TestCloud } from '@pileus/testkit/test-cloud'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'

const bucket = 'fetched-things'
let cloud: TestCloud
// biome-ignore lint/suspicious/noExplicitAny: the types of the package lack many of its methods.
let client: any
let asked: { method: string; url: string; headers: IncomingHttpHeaders; body: string }[] = []
/** Answers of the other host that come before its usual ones. */
let first: number[] = []
const source = createServer((incoming, outgoing) => {
  const chunks: Buffer[] = []
  incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
  incoming.on('end', () => {
    const { method = '', url = '', headers } = incoming
    asked.push({ method, url, headers, body: Buffer.concat(chunks).toString() })
    const status = first.shift()
    if (status !== undefined) outgoing.writeHead(status).end('not now')
    else if (url.includes('missing')) outgoing.writeHead(404).end('no')
    else if (url === '/cut') outgoing.writeHead(200, { 'content-length': '10' }).end('short')
    else if (url === '/moved/a') outgoing.writeHead(302, { location: '/moved/b' }).end()
    else if (url === '/moved/inside') outgoing.writeHead(302, { location: 'http://169.254.169.254/' }).end()
    else if (url === '/moved/round') outgoing.writeHead(302, { location: url }).end()
    else if (url === '/wrong/md5') outgoing.writeHead(200, { 'content-md5': 'AAAAAAAAAAAAAAAAAAAAAA==' }).end('x')
    else outgoing.writeHead(200, { 'content-type': 'text/x-page', 'x-kept': 'yes' }).end(`content of ${url}`)
  })
})
let base: string

beforeAll(async () => {
  await new Promise<void>((ready) => source.listen(0, '127.0.0.1', ready))
  const { port } = source.address() as AddressInfo
  base = `http://127.0.0.1:${port}`
  cloud = await startTestCloud({ outboundAllow: [`127.0.0.1:${port}`] })
  const { endpoint, regionId, accessKeyId, accessKeySecret } = cloud
  client = createOssClient({ endpoint, regionId, accessKeyId, accessKeySecret, bucket })
  await client.putBucket(bucket)
})
afterAll(async () => {
  source.close().closeAllConnections()
  await cloud?.[Symbol.asyncDispose]()
})
beforeEach(() => {
  asked = []
  first = []
})

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64')
const escapeXml = (text: string): string => text.replaceAll('&', '&amp;')
const textOf = (xml: string, name: string): string => new RegExp(`<${name}>([^<]*)`).exec(xml)?.[1] ?? ''
const query = { asyncFetch: undefined }

async function put(key: string, url: string, more: Record<string, string> = {}) {
  const elements = Object.entries({ Url: escapeXml(url), Object: key, ...more }).map(([k, v]) => `<${k}>${v}</${k}>`)
  const body = `<AsyncFetchTaskConfiguration>${elements.join('')}</AsyncFetchTaskConfiguration>`
  const answer = await callOss(cloud, { method: 'POST', bucket, query, body })
  return { ...answer, taskId: textOf(answer.text, 'TaskId') }
}

/** Its state and message once it has ended. */
async function ended(taskId: string): Promise<{ state: string; message: string }> {
  let last = { state: '', message: '' }
  await cloud.eventually('the task ends', async () => {
    const { text } = await callOss(cloud, { method: 'GET', bucket, query, headers: { 'x-oss-task-id': taskId } })
    last = { state: textOf(text, 'State'), message: textOf(text, 'ErrorMsg') }
    return last.state !== 'Running' && last.state !== 'Retry'
  })
  return last
}

test('a task fetches an object, checks it and tells of it', async () => {
  const contentMd5 = createHash('md5').update('content of /a?b=c&d').digest('base64')
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the callback's own places
  const callback = encode({ callbackUrl: `${base}/told`, callbackBody: '${object} ${size} ${operation}' })
  const made = await put('one', `${base}/a?b=c&d`, {
    ContentMD5: contentMd5,
    Host: 'pages.example',
    StorageClass: 'IA',
  })
  expect(await ended(made.taskId)).toEqual({ state: 'Success', message: '' })
  const { res, content } = await client.get('one')
  expect([String(content), res.headers['content-type'], res.headers['x-oss-storage-class']]).toEqual([
    'content of /a?b=c&d',
    'text/x-page',
    'IA',
  ])
  expect(asked.map(({ method, url, headers }) => [method, url, headers.host])).toEqual([
    ['GET', '/a?b=c&d', 'pages.example'],
  ])
  const told = await put('two', `${base}/two`, { Callback: callback })
  // The receiver does not answer with JSON.
  expect(await ended(told.taskId)).toMatchObject({ state: 'FetchSuccessCallbackFailed' })
  expect(decodeURIComponent(asked.at(-1)!.body)).toBe('two 15 AsyncFetch')
  expect(String((await client.get('two')).content)).toBe('content of /two')
})

test('an object that is there is kept unless the task says otherwise', async () => {
  await client.put('kept', Buffer.from('mine'))
  const refused = await put('kept', `${base}/new`)
  expect([refused.status, refused.code]).toEqual([400, 'ObjectAlreadyExists'])
  const made = await put('kept', `${base}/new`, { IgnoreSameKey: 'false' })
  expect((await ended(made.taskId)).state).toBe('Success')
  expect(String((await client.get('kept')).content)).toBe('content of /new')
})

test('a source that is away for a while is asked again; one that has nothing is not', async () => {
  first = [503, 500]
  expect((await ended((await put('later', `${base}/later`)).taskId)).state).toBe('Success')
  expect(asked.map(({ url }) => url)).toEqual(['/later', '/later', '/later'])
  asked = []
  expect(await ended((await put('never', `${base}/missing`)).taskId)).toEqual({
    state: 'Failed',
    message: 'The source answered with the status 404.',
  })
  expect(asked).toHaveLength(1)
  const wrong = await put('never', `${base}/wrong`, { ContentMD5: Buffer.alloc(16).toString('base64') })
  expect(await ended(wrong.taskId)).toMatchObject({ state: 'Failed', message: expect.stringContaining('MD5') })
  await expect(client.head('never')).rejects.toMatchObject({ status: 404 })
})

test('hosts that are not on the public network are not fetched from', async () => {
  for (const url of ['http://169.254.169.254/latest/meta-data', 'http://[::1]:1/', 'http://10.0.0.1/']) {
    const { state, message } = await ended((await put('ssrf', url)).taskId)
    expect([url, state, message]).toEqual([url, 'Failed', expect.stringContaining('not on the public network')])
  }
  for (const url of ['ftp://a.example/', 'http://user:secret@a.example/']) {
    expect((await put('ssrf', url)).code).toBe('InvalidArgument')
  }
  expect((await put('/leading', `${base}/x`)).code).toBe('InvalidArgument')
})

test('names of the vendor’s buckets mean this cloud, with the rights that the URL has', async () => {
  const { endpoint, regionId, accessKeyId, accessKeySecret } = cloud
  await client.put('private', Buffer.from('mine alone'))
  const host = `${bucket}.oss-${regionId}.aliyuncs.com`
  const named = createOssClient({ endpoint, regionId, accessKeyId, accessKeySecret, bucket, virtualHosted: true })
  // Signatures of version 1 do not cover the host.
  const signed = named.signatureUrl('private').replace(/\/\/[^/]+/, `//${host}`)
  expect((await ended((await put('copied', signed)).taskId)).state).toBe('Success')
  expect(String((await client.get('copied')).content)).toBe('mine alone')
  const unsigned = await put('stolen', `http://${host}/private`)
  expect(await ended(unsigned.taskId)).toMatchObject({ state: 'Failed', message: expect.stringContaining('403') })
})

test('it takes the leave to put the object, and a task is told to nobody else', async () => {
  await cloud.call('Ram', 'CreateUser', { UserName: 'fetcher' })
  const PolicyDocument = JSON.stringify({
    Version: '1',
    Statement: [{ Effect: 'Allow', Action: 'oss:PutAsyncFetchTask', Resource: '*' }],
  })
  await cloud.call('Ram', 'CreatePolicy', { PolicyName: 'fetch', PolicyDocument })
  await cloud.call('Ram', 'AttachPolicyToUser', { PolicyType: 'Custom', PolicyName: 'fetch', UserName: 'fetcher' })
  const { AccessKey } = (await cloud.call('Ram', 'CreateAccessKey', { UserName: 'fetcher' })).body
  const user = {
    endpoint: cloud.endpoint,
    accessKeyId: AccessKey.AccessKeyId,
    accessKeySecret: AccessKey.AccessKeySecret,
  }
  const body = `<AsyncFetchTaskConfiguration><Url>${base}/u</Url><Object>u</Object></AsyncFetchTaskConfiguration>`
  const refused = await callOss(user, { method: 'POST', bucket, query, body })
  expect([refused.status, refused.code]).toEqual([403, 'AccessDenied'])
  expect(refused.text).toContain('oss:PutObject')
  const unknown = await callOss(cloud, { method: 'GET', bucket, query, headers: { 'x-oss-task-id': 'x' } })
  expect([unknown.status, unknown.code]).toEqual([404, 'NoSuchAsyncFetchTask'])
})

test('what a bucket encrypts, a task encrypts', async () => {
  await client.putBucketEncryption(bucket, { SSEAlgorithm: 'SM4' })
  expect((await ended((await put('sealed', `${base}/sealed`)).taskId)).state).toBe('Success')
  const { res, content } = await client.get('sealed')
  expect([String(content), res.headers['x-oss-server-side-encryption']]).toEqual(['content of /sealed', 'SM4'])
  await client.deleteBucketEncryption(bucket)
})

describe('a bucket that mirrors', () => {
  const mirrored = 'mirrored-things'
  const call = (given: Omit<OssCall, 'bucket'>, how: 'signed' | 'anonymous' = 'signed') =>
    callOss(cloud, { bucket: mirrored, ...given }, how)
  const site = (redirect: string, more = '') =>
    call({
      method: 'PUT',
      query: { website: undefined },
      body:
        `<WebsiteConfiguration><ErrorDocument><Key>error.html</Key></ErrorDocument><RoutingRules><RoutingRule>` +
        `<RuleNumber>1</RuleNumber><Condition><KeyPrefixEquals></KeyPrefixEquals>` +
        `<HttpErrorCodeReturnedEquals>404</HttpErrorCodeReturnedEquals></Condition>` +
        `<Redirect><RedirectType>Mirror</RedirectType>${redirect}</Redirect></RoutingRule>${more}</RoutingRules></WebsiteConfiguration>`,
    })

  beforeAll(async () => {
    await call({ method: 'PUT', headers: { 'x-oss-acl': 'public-read' } })
    await call({ method: 'PUT', key: 'error.html', body: 'an error' })
  })

  test('keeps what it lacked, and asks once', async () => {
    expect((await site(`<MirrorURL>${base}/origin/</MirrorURL>`)).status).toBe(200)
    const answers = await Promise.all([1, 2, 3].map(() => call({ method: 'GET', key: 'a b/c.txt' })))
    for (const { status, text, headers } of answers) {
      expect([status, text, headers['content-type']]).toEqual([200, 'content of /origin/a%20b/c.txt', 'text/x-page'])
    }
    expect((await call({ method: 'GET', key: 'a b/c.txt' }, 'anonymous')).text).toBe('content of /origin/a%20b/c.txt')
    expect(asked.map(({ url }) => url)).toEqual(['/origin/a%20b/c.txt'])
    expect((await call({ method: 'GET', key: 'page' }, 'anonymous')).text).toBe('content of /origin/page')
    expect((await call({ method: 'HEAD', key: 'not-asked' })).status).toBe(404)
    expect(asked).toHaveLength(2)
  })

  test('answers as if it had no rule when the source has nothing either, and 424 when it fails', async () => {
    expect((await call({ method: 'GET', key: 'missing' })).code).toBe('NoSuchKey')
    const page = await call({ method: 'GET', key: 'missing' }, 'anonymous')
    expect([page.status, page.text]).toEqual([404, 'an error'])
    first = [500]
    const failing = await call({ method: 'GET', key: 'failing' })
    expect([failing.status, failing.code]).toEqual([424, 'MirrorFailed'])
    expect((await call({ method: 'GET', key: 'failing' })).status).toBe(200)
  })

  test('passes headers and queries as told, and asks the second source when the first is away', async () => {
    const headers =
      '<MirrorHeaders><PassAll>true</PassAll><Remove>x-secret</Remove><Set><Key>x-own</Key><Value>1</Value></Set></MirrorHeaders>'
    const sources =
      `<MirrorURL>${base}/one/</MirrorURL><MirrorURLSlave>${base}/two/</MirrorURLSlave>` +
      `<MirrorURLProbe>${base}/</MirrorURLProbe><MirrorPassQueryString>true</MirrorPassQueryString>`
    expect((await site(sources + headers)).status).toBe(200)
    const kept = (await call({ method: 'GET', query: { website: undefined } })).text
    expect(kept).toContain('<Set><Key>x-own</Key><Value>1</Value></Set>')
    first = [503]
    const sent = { 'x-told': 'yes', 'x-secret': 'no', range: 'bytes=0-3' }
    const part = await call({ method: 'GET', key: 'part', query: { q: '1' }, headers: sent })
    expect([part.status, part.text]).toEqual([206, 'cont'])
    expect(asked.map(({ url }) => url)).toEqual(['/one/part?q=1', '/two/part?q=1'])
    expect(asked[1]!.headers).toMatchObject({ 'x-told': 'yes', 'x-own': '1' })
    expect(asked[1]!.headers['cdn-loop']).toBe('pileus')
    for (const name of ['x-secret', 'range', 'authorization', 'date'])
      expect(asked[1]!.headers).not.toHaveProperty(name)
  })

  test('follows redirects as far as the public network, and checks what it is told to', async () => {
    await site(`<MirrorURL>${base}/</MirrorURL><MirrorCheckMd5>true</MirrorCheckMd5>`)
    expect((await call({ method: 'GET', key: 'moved/a' })).text).toBe('content of /moved/b')
    for (const key of ['moved/inside', 'moved/round', 'wrong/md5']) {
      expect([key, (await call({ method: 'GET', key })).code]).toEqual([key, 'MirrorFailed'])
      expect((await call({ method: 'HEAD', key })).status).toBe(404)
    }
    expect((await site(`<MirrorURL>http://10.0.0.1/</MirrorURL>`)).status).toBe(200)
    expect((await call({ method: 'GET', key: 'inside' })).code).toBe('MirrorFailed')
  })

  test('asks itself no further', async () => {
    await site(`<MirrorURL>http://${mirrored}.oss-${cloud.regionId}.aliyuncs.com/</MirrorURL>`)
    expect((await call({ method: 'GET', key: 'round-and-round' })).code).toBe('NoSuchKey')
  })

  test.each([
    ['', 'MalformedXML'],
    ['<MirrorURL>http://a.example</MirrorURL>', 'InvalidArgument'],
    ['<MirrorURL>ftp://a.example/</MirrorURL>', 'InvalidArgument'],
    ['<MirrorURL>http://a.example/</MirrorURL><MirrorURLSlave>http://b.example/</MirrorURLSlave>', 'InvalidArgument'],
    ['<MirrorURL>http://a.example/</MirrorURL><MirrorUsingRole>true</MirrorUsingRole>', 'NotImplemented'],
  ])('refuses the rule %j', async (redirect, code) => {
    expect((await site(redirect)).code).toBe(code)
  })
})
