import { createHash, randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import { createOssClient } from '@pileus/testkit/oss-clients'
import { callOss } from '@pileus/testkit/oss-signed-call'
import { sdkModel } from '@pileus/testkit/sdk-clients'
import { startTestCloud, type TestCloud } from '@pileus/testkit/test-cloud'
import { afterAll, beforeAll, expect, test } from 'vitest'

const bucket = 'parts-and-copies'
let cloud: TestCloud
// biome-ignore lint/suspicious/noExplicitAny: the types of the package lack many of its methods.
let client: any
beforeAll(async () => {
  cloud = await startTestCloud()
  const { endpoint, regionId, accessKeyId, accessKeySecret } = cloud
  client = createOssClient({ endpoint, regionId, accessKeyId, accessKeySecret, bucket, authorizationV4: true })
  await client.putBucket(bucket)
})
afterAll(async () => cloud?.[Symbol.asyncDispose]())

const contentOf = async (key: string, options: object = {}): Promise<Buffer> => (await client.get(key, options)).content
const headersOf = async (key: string): Promise<Record<string, string>> => (await client.head(key)).res.headers
const md5 = (bytes: Buffer): Buffer => createHash('md5').update(bytes).digest()

async function uploadInParts(key: string, parts: readonly Buffer[]): Promise<void> {
  const { uploadId } = await client.initMultipartUpload(key)
  const done: { number: number; etag: string }[] = []
  for (const [i, part] of parts.entries()) {
    const { etag } = await client._uploadPart(key, uploadId, i + 1, { stream: streamOf(part), size: part.length }, {})
    done.push({ number: i + 1, etag })
  }
  await client.completeMultipartUpload(key, uploadId, done)
}

function streamOf(bytes: Buffer): Readable {
  return Readable.from([bytes])
}

test('parts become one object, which is read in ranges across them', async () => {
  const parts = [randomBytes(300_000), randomBytes(102_400), randomBytes(10)]
  await uploadInParts('big', parts)
  const whole = Buffer.concat(parts)
  expect((await contentOf('big')).equals(whole)).toBe(true)
  const part = await contentOf('big', { headers: { Range: 'bytes=299990-402405' } })
  expect(part.equals(whole.subarray(299_990, 402_406))).toBe(true)
  const headers = await headersOf('big')
  const etag = createHash('md5')
    .update(Buffer.concat(parts.map(md5)))
    .digest('hex')
    .toUpperCase()
  expect(headers).toMatchObject({ etag: `"${etag}-3"`, 'x-oss-object-type': 'Multipart', 'content-length': '402410' })
  await client.put('whole', whole)
  expect((await headersOf('whole'))['x-oss-hash-crc64ecma']).toBe(headers['x-oss-hash-crc64ecma'])
})

test('parts that are small, wrong or out of order are refused, and an aborted upload leaves nothing', async () => {
  const { uploadId } = await client.initMultipartUpload('refused')
  const part = (n: number, bytes: Buffer) =>
    client._uploadPart('refused', uploadId, n, { stream: streamOf(bytes), size: bytes.length }, {})
  const [one, two] = [await part(1, Buffer.alloc(10)), await part(2, Buffer.alloc(20))]
  const complete = (parts: { number: number; etag: string }[]) =>
    client.completeMultipartUpload('refused', uploadId, parts)
  const both = [
    { number: 1, etag: one.etag },
    { number: 2, etag: two.etag },
  ]
  await expect(complete(both)).rejects.toMatchObject({ code: 'EntityTooSmall' })
  await expect(complete([{ number: 1, etag: two.etag }])).rejects.toMatchObject({ code: 'InvalidPart' })
  await expect(complete([{ number: 7, etag: two.etag }])).rejects.toMatchObject({ code: 'InvalidPart' })
  const listed = await client.listParts('refused', uploadId, { 'max-parts': 1 }, {})
  expect([listed.isTruncated, listed.nextPartNumberMarker]).toEqual(['true', '1'])
  const uploads = await client.listUploads({ 'max-uploads': 10 }, {})
  expect(uploads.uploads.map((upload: { name: string }) => upload.name)).toEqual(['refused'])
  await client.abortMultipartUpload('refused', uploadId)
  await expect(client.listParts('refused', uploadId)).rejects.toMatchObject({ code: 'NoSuchUpload', status: 404 })
  await expect(complete(both)).rejects.toMatchObject({ code: 'NoSuchUpload' })
  await expect(client.head('refused')).rejects.toMatchObject({ code: 'NoSuchKey' })
})

test('an upload whose parts come in order has the MD5 of the whole, unless a part was sent again', async () => {
  const parts = [randomBytes(150_000), randomBytes(102_400), randomBytes(70)]
  const begin = async (key: string): Promise<string> => {
    const query = { sequential: undefined, uploads: undefined }
    const { text } = await callOss(cloud, { method: 'POST', bucket, key, query })
    return /<UploadId>(\w+)/.exec(text)![1]!
  }
  const upload = async (key: string, numbers: readonly number[]) => {
    const uploadId = await begin(key)
    const done = new Map<number, string>()
    for (const number of numbers) {
      const part = { stream: streamOf(parts[number - 1]!), size: parts[number - 1]!.length }
      done.set(number, (await client._uploadPart(key, uploadId, number, part, {})).etag)
    }
    const named = [...done].map(([number, etag]) => ({ number, etag }))
    await client.completeMultipartUpload(key, uploadId, named)
    return (await headersOf(key))['content-md5']
  }
  expect(await upload('in-order', [1, 2, 3])).toBe(md5(Buffer.concat(parts)).toString('base64'))
  await client.copy('in-order-too', 'in-order', { meta: { a: 'b' } })
  expect((await headersOf('in-order-too'))['content-md5']).toBe(md5(Buffer.concat(parts)).toString('base64'))
  await uploadInParts('unordered', parts)
  expect((await headersOf('unordered'))['content-md5']).toBeUndefined()
  const other = parts[0]!
  parts[0] = randomBytes(other.length)
  expect(await upload('ends-early', [1, 2])).toBe(md5(Buffer.concat(parts.slice(0, 2))).toString('base64'))
  // The second part was hashed after the first one's first content.
  const uploadId = await begin('again')
  const send = async (number: number, bytes: Buffer) =>
    (await client._uploadPart('again', uploadId, number, { stream: streamOf(bytes), size: bytes.length }, {})).etag
  await send(1, other)
  const second = await send(2, parts[1]!)
  const first = await send(1, parts[0]!)
  const named = [first, second].map((etag, i) => ({ number: i + 1, etag }))
  await client.completeMultipartUpload('again', uploadId, named)
  expect((await headersOf('again'))['content-md5']).toBeUndefined()
})

test('a copy keeps or replaces metadata, and outlives its source', async () => {
  await client.put('source', Buffer.from('copied'), { mime: 'text/plain', meta: { a: '1' } })
  await client.copy('copy', 'source')
  await client.copy('other', 'source', { meta: { b: '2' } })
  await client.delete('source')
  await client.put('source', Buffer.from('new'))
  expect(String(await contentOf('copy'))).toBe('copied')
  expect(await headersOf('copy')).toMatchObject({ 'content-type': 'text/plain', 'x-oss-meta-a': '1' })
  const other = await headersOf('other')
  expect([other['x-oss-meta-a'], other['x-oss-meta-b']]).toEqual([undefined, '2'])
  await client.copy('big-copy', 'big')
  await client.delete('big')
  await cloud.running.reconcilers.passAll()
  expect((await contentOf('big-copy')).length).toBe(402_410)
  expect(String(await contentOf('copy'))).toBe('copied')
  await expect(client.copy('none', 'missing')).rejects.toMatchObject({ code: 'NoSuchKey' })
})

test('parts are copied from ranges of an object', async () => {
  const source = randomBytes(250_000)
  await client.put('range-source', source)
  await client.multipartUploadCopy(
    'range-copy',
    { sourceKey: 'range-source', sourceBucketName: bucket },
    { partSize: 102_400 },
  )
  expect((await contentOf('range-copy')).equals(source)).toBe(true)
})

test('appending grows an object and insists on the position', async () => {
  const first = await client.append('log', Buffer.from('one,'))
  expect(first.nextAppendPosition).toBe('4')
  await client.append('log', Buffer.from('two'), { position: '4' })
  expect(String(await contentOf('log'))).toBe('one,two')
  expect(await headersOf('log')).toMatchObject({ 'x-oss-object-type': 'Appendable', 'x-oss-next-append-position': '7' })
  await expect(client.append('log', Buffer.from('x'), { position: '4' })).rejects.toMatchObject({
    code: 'PositionNotEqualToLength',
    status: 409,
  })
  await client.put('normal', Buffer.from('x'))
  await expect(client.append('normal', Buffer.from('x'), { position: '1' })).rejects.toMatchObject({
    code: 'ObjectNotAppendable',
  })
})

test('ranges, conditions and overrides of headers', async () => {
  await client.put('text', Buffer.from('0123456789'))
  const get = async (headers: object, options: object = {}) => {
    const { res } = await client.get('text', { headers, ...options })
    return [res.status, String(res.data), res.headers['content-range']]
  }
  expect(await get({ Range: 'bytes=2-4' })).toEqual([206, '234', 'bytes 2-4/10'])
  expect(await get({ Range: 'bytes=7-' })).toEqual([206, '789', 'bytes 7-9/10'])
  expect(await get({ Range: 'bytes=-2' })).toEqual([206, '89', 'bytes 8-9/10'])
  expect(await get({ Range: 'bytes=20-30' })).toEqual([200, '0123456789', undefined])
  const standard = { Range: 'bytes=20-30', 'x-oss-range-behavior': 'standard' }
  await expect(get(standard)).rejects.toMatchObject({ status: 416, code: 'InvalidRange' })
  const { etag } = await headersOf('text')
  await expect(get({ 'If-Match': '"0"' })).rejects.toMatchObject({ status: 412, code: 'PreconditionFailed' })
  expect((await get({ 'If-Match': etag }))[0]).toBe(200)
  expect((await get({ 'If-None-Match': etag }))[0]).toBe(304)
  const late = { 'If-Unmodified-Since': new Date(0).toUTCString() }
  await expect(get(late)).rejects.toMatchObject({ status: 412 })
})

test('tags, symbolic links, storage classes and deleting many', async () => {
  await client.put('tagged', Buffer.from('x'))
  await client.putObjectTagging('tagged', { a: '1', b: '2' })
  expect((await client.getObjectTagging('tagged')).tag).toEqual({ a: '1', b: '2' })
  expect((await headersOf('tagged'))['x-oss-tagging-count']).toBe('2')
  await client.deleteObjectTagging('tagged')
  expect((await client.getObjectTagging('tagged')).tag).toEqual({})
  await client.putSymlink('link', 'tagged', {})
  expect(String(await contentOf('link'))).toBe('x')
  expect((await client.getSymlink('link')).targetName).toBe('tagged')
  await client.put('cold', Buffer.from('ice'), { headers: { 'x-oss-storage-class': 'Archive' } })
  await expect(client.get('cold')).rejects.toMatchObject({ code: 'InvalidObjectState', status: 403 })
  expect((await client.restore('cold')).res.status).toBe(202)
  await expect(client.restore('cold')).rejects.toMatchObject({ code: 'RestoreAlreadyInProgress', status: 409 })
  const deleted = await client.deleteMulti(['tagged', 'cold', 'absent'], { quiet: false })
  expect(deleted.deleted.map((one: { Key: string }) => one.Key)).toEqual(['tagged', 'cold', 'absent'])
  await expect(client.get('link')).rejects.toMatchObject({ code: 'SymlinkTargetNotExist' })
})

test('a wrong Content-MD5 stores nothing, and overwriting can be forbidden', async () => {
  const wrong = { headers: { 'Content-MD5': md5(Buffer.from('other')).toString('base64') } }
  await expect(client.put('digest', Buffer.from('x'), wrong)).rejects.toMatchObject({ code: 'InvalidDigest' })
  await expect(client.head('digest')).rejects.toMatchObject({ status: 404 })
  await client.put('once', Buffer.from('x'))
  const again = client.put('once', Buffer.from('y'), { headers: { 'x-oss-forbid-overwrite': 'true' } })
  await expect(again).rejects.toMatchObject({ code: 'FileAlreadyExists', status: 409 })
  expect(String(await contentOf('once'))).toBe('x')
})

test('what is not implemented says so by name, and what cannot be set is answered as not set', async () => {
  const refused = (name: string) => ({ code: 'NotImplemented', status: 501, message: expect.stringContaining(name) })
  await expect(client.getChannel('live')).rejects.toMatchObject(refused('live'))
  await expect(client.getBucketLifecycle(bucket)).rejects.toMatchObject({ code: 'NoSuchLifecycle', status: 404 })
  await expect(client.getBucketWebsite(bucket)).rejects.toMatchObject({ code: 'NoSuchWebsiteConfiguration' })
  expect((await client.getBucketReferer(bucket)).allowEmpty).toBe(true)
  expect((await client.getBucketRequestPayment(bucket)).payer).toBe('BucketOwner')
  expect((await client.getBucketLogging(bucket)).enable).toBe(false)
})

test('temporary keys of a role work with their token, and not without it', async () => {
  const model = (pack: string, name: string, fields: object) => new (sdkModel(pack, name))(fields)
  const trust = { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { RAM: [`acs:ram::${cloud.accountId}:root`] } }
  const assumeRolePolicyDocument = JSON.stringify({ Version: '1', Statement: [trust] })
  const made = { roleName: 'reader', assumeRolePolicyDocument }
  const { body } = await cloud.ram.createRole(model('@alicloud/ram20150501', 'CreateRoleRequest', made))
  const attach = { policyName: 'AliyunOSSReadOnlyAccess', policyType: 'System', roleName: 'reader' }
  await cloud.ram.attachPolicyToRole(model('@alicloud/ram20150501', 'AttachPolicyToRoleRequest', attach))
  await cloud.ram.createUser(model('@alicloud/ram20150501', 'CreateUserRequest', { userName: 'assumer' }))
  const admin = { policyName: 'AdministratorAccess', policyType: 'System', userName: 'assumer' }
  await cloud.ram.attachPolicyToUser(model('@alicloud/ram20150501', 'AttachPolicyToUserRequest', admin))
  const named = { userName: 'assumer' }
  const created = await cloud.ram.createAccessKey(model('@alicloud/ram20150501', 'CreateAccessKeyRequest', named))
  const userKey = created.body?.accessKey
  const user = cloud.as({
    accessKeyId: userKey?.accessKeyId ?? '',
    accessKeySecret: userKey?.accessKeySecret ?? '',
  })
  const assume = { roleArn: body?.role?.arn, roleSessionName: 'session' }
  const answer = await user.sts.assumeRole(model('@alicloud/sts20150401', 'AssumeRoleRequest', assume))
  const { accessKeyId = '', accessKeySecret = '', securityToken = '' } = answer.body?.credentials ?? {}
  await client.put('for-role', Buffer.from('x'))
  const { endpoint, regionId } = cloud
  const key = { endpoint, regionId, accessKeyId, accessKeySecret, bucket }
  for (const authorizationV4 of [false, true]) {
    const session = createOssClient({ ...key, securityToken, authorizationV4 })
    expect(String((await session.get('for-role')).content)).toBe('x')
    await expect(session.put('for-role', Buffer.from('y'))).rejects.toMatchObject({ code: 'AccessDenied' })
    const without = createOssClient({ ...key, authorizationV4 })
    await expect(without.get('for-role')).rejects.toMatchObject({ code: 'InvalidSecurityToken', status: 403 })
  }
})
