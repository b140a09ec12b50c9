import { createVerify } from 'node:crypto'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { createOssClient } from '@pileus/testkit/oss-clients'
import { callOss } from '@pileus/testkit/oss-signed-call'
import { startTestCloud, type TestCloud } from '@pileus/testkit/test-cloud'
import sharp from 'sharp'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'

const bucket = 'callbacks'
let cloud: TestCloud
// biome-ignore lint/suspicious/noExplicitAny: the types of the package lack many of its methods.
let client: any
let told: { url: string; headers: IncomingHttpHeaders; body: string }[] = []
let answer = { status: 200, body: '{"Status":"OK"}' }
const receiver = createServer((incoming, outgoing) => {
  const chunks: Buffer[] = []
  incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
  incoming.on('end', () => {
    told.push({ url: incoming.url ?? '', headers: incoming.headers, body: Buffer.concat(chunks).toString() })
    outgoing.writeHead(answer.status, answer.status === 302 ? { location: '/elsewhere' } : {}).end(answer.body)
  })
})
let base: string

beforeAll(async () => {
  await new Promise<void>((ready) => receiver.listen(0, '127.0.0.1', ready))
  const { port } = receiver.address() as AddressInfo
  base = `http://127.0.0.1:${port}`
  cloud = await startTestCloud({ outboundAllow: [`127.0.0.1:${port}`] })
  const { endpoint, regionId, accessKeyId, accessKeySecret } = cloud
  client = createOssClient({ endpoint, regionId, accessKeyId, accessKeySecret, bucket })
  await client.putBucket(bucket)
})
afterAll(async () => {
  receiver.close().closeAllConnections()
  await cloud?.[Symbol.asyncDispose]()
})
beforeEach(() => {
  told = []
  answer = { status: 200, body: '{"Status":"OK"}' }
})

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64')
const put = (key: string, callback: object, variables?: object, content = Buffer.from('hello')) =>
  client.put(key, content, {
    headers: {
      'x-oss-callback': encode(callback),
      ...(variables ? { 'x-oss-callback-var': encode(variables) } : {}),
    },
  })

const template =
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the callback's own places
  'bucket=${bucket}&object=${object}&etag=${etag}&size=${size}&mimeType=${mimeType}&h=${imageInfo.height}&v=${x:v}&?=${no}'

test('an upload is told as a form, and the answer is the upload’s', async () => {
  const result = await put('a b/é.txt', { callbackUrl: `${base}/told?a=1`, callbackBody: template }, { 'x:v': 'ä&=' })
  expect([result.res.status, result.data]).toEqual([200, { Status: 'OK' }])
  const etag = '5D41402ABC4B2A76B9719D911017C592'
  expect(told[0]).toMatchObject({
    url: '/told?a=1',
    body: `bucket=callbacks&object=a%20b%2F%C3%A9.txt&etag=${etag}&size=5&mimeType=text%2Fplain&h=&v=%C3%A4%26%3D&?=`,
    headers: { 'content-type': 'application/x-www-form-urlencoded', 'user-agent': 'aliyun-oss-callback' },
  })
})

test('the receiver can verify who tells it', async () => {
  await put('signed', { callbackUrl: `${base}/pa%20th?q=%41`, callbackBody: 'b' })
  const { headers, body } = told[0]!
  const keyUrl = Buffer.from(String(headers['x-oss-pub-key-url']), 'base64').toString()
  expect(keyUrl).toBe(`http://${cloud.endpoint}/.well-known/callback_pub_key_v1.pem`)
  const key = await (await fetch(keyUrl)).text()
  const verify = (text: string) =>
    createVerify('RSA-MD5').update(text).verify(key, String(headers.authorization), 'base64')
  expect([verify(`/pa th?q=%41\n${body}`), verify(`/pa th?q=%41\n${body}x`)]).toEqual([true, false])
})

test('as JSON, with facts of an image, and with a host of its own', async () => {
  const image = await sharp({ create: { width: 30, height: 20, channels: 3, background: 'red' } })
    .png()
    .toBuffer()
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the callback's own places
  const callbackBody = '{"k":${object},"n":${size},"q":"${x:q}","w":${imageInfo.width},"f":${imageInfo.format}}'
  const callback = {
    callbackUrl: base,
    callbackHost: 'told.example',
    callbackBodyType: 'application/json',
    callbackBody,
  }
  await put('p"q.png', callback, { 'x:q': 'a"b' }, image)
  expect(JSON.parse(told[0]!.body)).toEqual({ k: 'p"q.png', n: image.length, q: 'a"b', w: 30, f: 'png' })
  expect(told[0]!.headers).toMatchObject({ host: 'told.example', 'content-type': 'application/json' })
})

test('uploads in parts, by form and by signed URL call back too', async () => {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the callback's own places
  const callback = encode({ callbackUrl: base, callbackBody: '${operation} ${object} ${x:v}', callbackBodyType: '' })
  const { uploadId } = await client.initMultipartUpload('parts')
  const stream = Readable.from([Buffer.from('x')])
  const { etag } = await client._uploadPart('parts', uploadId, 1, { stream, size: 1 }, {})
  const headers = { 'x-oss-callback': callback }
  await client.completeMultipartUpload('parts', uploadId, [{ number: 1, etag }], { headers })
  const { endpoint, regionId, accessKeyId, accessKeySecret } = cloud
  const byHost = createOssClient({ endpoint, regionId, accessKeyId, accessKeySecret, bucket, virtualHosted: true })
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the callback's own places
  const inUrl = { url: base, body: 'url ${object}' }
  const url: string = byHost.signatureUrl('by-url', { method: 'PUT', callback: inUrl })
  const byUrl = await fetch(url.replace(/^http:\/\/[^/]+/, `http://${cloud.endpoint}/${bucket}`), {
    method: 'PUT',
    body: new Uint8Array([1]),
  })
  expect([byUrl.status, await byUrl.json()]).toEqual([200, { Status: 'OK' }])
  await client.putBucketACL(bucket, 'public-read-write')
  const form = new FormData()
  for (const [name, value] of Object.entries({ key: 'by-form', callback, 'x:v': 'w' })) form.set(name, value)
  form.set('file', new Blob(['f']))
  const byForm = await fetch(`http://${cloud.endpoint}/${bucket}`, { method: 'POST', body: form })
  expect([byForm.status, await byForm.json()]).toEqual([200, { Status: 'OK' }])
  expect(told.map(({ body }) => decodeURIComponent(body))).toEqual([
    'CompleteMultipartUpload parts ',
    'url by-url',
    'PostObject by-form w',
  ])
})

test('an upload may name a callback policy of its bucket', async () => {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the callback's own places
  const named = encode({ callbackUrl: base, callbackBody: '${object} ${x:a} ${x:b}' })
  const item = `<PolicyItem><PolicyName>one</PolicyName><Callback>${named}</Callback><CallbackVar>${encode({ 'x:a': '1', 'x:b': '2' })}</CallbackVar></PolicyItem>`
  const query = { policy: undefined, comp: 'callback' }
  const set = (inner: string) => {
    const body = `<BucketCallbackPolicy>${inner}</BucketCallbackPolicy>`
    return callOss(cloud, { method: 'PUT', bucket, query, body })
  }
  expect((await set(item)).status).toBe(200)
  expect((await callOss(cloud, { method: 'GET', bucket, query })).text).toContain(item)
  expect((await set(item + item)).code).toBe('InvalidArgument')
  expect((await set('<PolicyItem><PolicyName>p</PolicyName><Callback>e30=</Callback></PolicyItem>')).code).toBe(
    'InvalidArgument',
  )
  await put('by-policy', { callbackPolicy: 'one' }, { 'x:b': '3' })
  expect(told.map(({ body }) => decodeURIComponent(body))).toEqual(['by-policy 1 3'])
  await expect(put('refused', { callbackPolicy: 'two' })).rejects.toMatchObject({ code: 'InvalidArgument' })
  expect((await callOss(cloud, { method: 'DELETE', bucket, query })).status).toBe(204)
  const gone = await callOss(cloud, { method: 'GET', bucket, query })
  expect([gone.status, gone.code]).toEqual([404, 'BucketCallbackPolicyNotExist'])
})

test.each([
  ['an error', { status: 502, body: '{}' }, 'status 502'],
  ['a redirect', { status: 302, body: '{}' }, 'status 302'],
  ['what is not JSON', { status: 200, body: 'fine' }, 'not JSON'],
  ['too much', { status: 200, body: `"${'x'.repeat(1024 * 1024)}"` }, 'more than 1048576 bytes'],
])('a receiver that answers with %s fails the callback, and the object stays', async (name, given, message) => {
  answer = given
  const key = `failed/${name}`
  const error = await put(key, { callbackUrl: base, callbackBody: 'b' }).catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({ status: 203, code: 'CallbackFailed', message: expect.stringContaining(message) })
  expect(String((await client.get(key)).content)).toBe('hello')
  expect(told).toHaveLength(1)
})

test('of several receivers the first that answers well counts', async () => {
  await put('several', { callbackUrl: `http://127.0.0.1:1/;${base}/second;${base}/third`, callbackBody: 'b' })
  expect(told.map(({ url }) => url)).toEqual(['/second'])
})

test.each([
  ['http://169.254.169.254/latest/meta-data'],
  ['http://localhost:1/'],
  ['http://[::ffff:10.0.0.1]/'],
  ['own'],
])('%s is not called', async (callbackUrl) => {
  const url = callbackUrl === 'own' ? `http://${cloud.endpoint}/` : callbackUrl
  const error = await put('ssrf', { callbackUrl: url, callbackBody: 'b' }).catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({ status: 203, message: expect.stringContaining('not on the public network') })
})

test.each([
  [{ callbackBody: 'b' }],
  [{ callbackUrl: 'ftp://a.example', callbackBody: 'b' }],
  [{ callbackUrl: 'http://a.example' }],
  [{ callbackUrl: 'http://a.example', callbackBody: 'b', callbackBodyType: 'text/xml' }],
  [{ callbackUrl: 'http://a.example', callbackBody: 'b', callbackHost: 'a\r\nb' }],
  [{ callbackUrl: Array(6).fill('http://a.example').join(';'), callbackBody: 'b' }],
])('%j is refused before anything is stored', async (callback) => {
  await expect(put('refused', callback)).rejects.toMatchObject({ code: 'InvalidArgument', status: 400 })
  await expect(client.head('refused')).rejects.toMatchObject({ status: 404 })
})
