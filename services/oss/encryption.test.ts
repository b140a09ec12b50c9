import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createOssClient } from '@pileus/testkit/oss-clients'
import { startTestCloud, type TestCloud } from '@pileus/testkit/test-cloud'
import type OSS from 'ali-oss'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const bucket = 'sealed-things'
const sse = 'x-oss-server-side-encryption'
let cloud: TestCloud
// biome-ignore lint/suspicious/noExplicitAny: the types lack a few of the client's methods.
let client: OSS & Record<string, any>
let keyId: string

beforeAll(async () => {
  cloud = await startTestCloud()
  const { endpoint, regionId, accessKeyId, accessKeySecret } = cloud
  client = createOssClient({ endpoint, regionId, accessKeyId, accessKeySecret, bucket, authorizationV4: true })
  await client.putBucket(bucket)
  keyId = await newKey()
})
afterAll(async () => cloud?.[Symbol.asyncDispose]())

async function kms(action: string, parameters: Record<string, string> = {}) {
  const { status, body } = await cloud.call('Kms', action, parameters)
  if (status !== 200) throw new Error(`${action}: ${status} ${body.Code}: ${body.Message}`)
  return body
}

async function newKey(): Promise<string> {
  return (await kms('CreateKey')).KeyMetadata.KeyId
}

const underKey = (id = keyId) => ({ headers: { [sse]: 'KMS', [`${sse}-key-id`]: id } })
const contentOf = async (key: string, range?: string): Promise<Buffer> =>
  (await client.get(key, range === undefined ? {} : { headers: { Range: range } })).content as Buffer
const headersOf = async (key: string) => (await client.head(key)).res.headers as Record<string, string>

/** Whether any file of the byte store holds these bytes. */
function isAtRest(marker: Buffer): boolean {
  const directory = join(cloud.running.ready.dataDir, 'objects')
  const files = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  return files.some((entry) => readFileSync(join(entry.parentPath, entry.name)).includes(marker))
}

test('bytes of an encrypted object are nowhere at rest, and any range of them is read', async () => {
  const plain = randomBytes(64)
  await client.put('plain', plain)
  expect(isAtRest(plain)).toBe(true)
  for (const [name, options] of Object.entries({ cloud: { headers: { [sse]: 'AES256' } }, own: underKey() })) {
    const content = randomBytes(300_000)
    const put = await client.put(name, content, options)
    expect((put.res.headers as Record<string, string>)[sse]).toBe(options.headers[sse])
    for (const at of [0, 150_000, 299_936]) expect(isAtRest(content.subarray(at, at + 64))).toBe(false)
    expect((await contentOf(name)).equals(content)).toBe(true)
    for (const [first, last] of [
      [0, 0],
      [65_535, 65_536],
      [70_000, 299_999],
      [131_072, 131_072],
    ] as const) {
      expect((await contentOf(name, `bytes=${first}-${last}`)).equals(content.subarray(first, last + 1))).toBe(true)
    }
  }
  expect(await headersOf('own')).toMatchObject({ [sse]: 'KMS', [`${sse}-key-id`]: keyId, 'content-length': '300000' })
  const { res } = await client.put('empty', Buffer.alloc(0), underKey())
  expect(res.status).toBe(200)
  expect(await contentOf('empty')).toHaveLength(0)
})

test('SM4 is a choice for objects, for buckets and under a key of KMS', async () => {
  const data = 'x-oss-server-side-data-encryption'
  const content = randomBytes(200_000)
  for (const [name, headers] of Object.entries({ sm4: { [sse]: 'SM4' }, 'kms-sm4': { [sse]: 'KMS', [data]: 'SM4' } })) {
    await client.put(name, content, { headers })
    for (const at of [0, 150_000]) expect(isAtRest(content.subarray(at, at + 64))).toBe(false)
    expect((await contentOf(name)).equals(content)).toBe(true)
    expect((await contentOf(name, 'bytes=65530-131080')).equals(content.subarray(65_530, 131_081))).toBe(true)
    expect(await headersOf(name)).toMatchObject(headers)
  }
  const options = { headers: { [sse]: 'SM4' } }
  await client.multipartUpload('sm4-parts', content, { partSize: 120_000, ...options } as OSS.MultipartUploadOptions)
  expect((await contentOf('sm4-parts')).equals(content)).toBe(true)
  await client.putBucketEncryption(bucket, { SSEAlgorithm: 'SM4' })
  expect((await client.getBucketEncryption(bucket)).encryption).toMatchObject({ SSEAlgorithm: 'SM4' })
  await client.put('sm4-by-rule', content)
  expect(await headersOf('sm4-by-rule')).toMatchObject({ [sse]: 'SM4' })
  await client.deleteBucketEncryption(bucket)
})

test('ETag and CRC are those of the plaintext', async () => {
  const content = randomBytes(100_000)
  const plain = (await client.put('digests', content)).res.headers as Record<string, string>
  const sealed = (await client.put('digests', content, underKey())).res.headers as Record<string, string>
  for (const name of ['etag', 'x-oss-hash-crc64ecma', 'content-md5']) expect(sealed[name]).toBe(plain[name])
  const wrong = { headers: { ...underKey().headers, 'Content-MD5': Buffer.alloc(16).toString('base64') } }
  await expect(client.put('digests', content, wrong)).rejects.toMatchObject({ code: 'InvalidDigest' })
})

test('with the key disabled an object is described and not read', async () => {
  const own = await newKey()
  await client.put('locked', Buffer.from('secret'), underKey(own))
  await kms('DisableKey', { KeyId: own })
  const refused = { code: 'AccessDenied', status: 403, message: expect.stringContaining('Rejected.Disabled') }
  await expect(client.get('locked')).rejects.toMatchObject(refused)
  await expect(client.copy('stolen', 'locked')).rejects.toMatchObject(refused)
  await expect(client.put('another', Buffer.from('x'), underKey(own))).rejects.toMatchObject(refused)
  expect(await headersOf('locked')).toMatchObject({ 'content-length': '6' })
  await kms('EnableKey', { KeyId: own })
  expect(String(await contentOf('locked'))).toBe('secret')
})

test('objects in parts and objects that grow are encrypted throughout', async () => {
  const parts = [randomBytes(150_000), randomBytes(120_000), randomBytes(70_001)]
  const whole = Buffer.concat(parts)
  await client.multipartUpload('parts', whole, { partSize: 120_000, ...underKey() } as OSS.MultipartUploadOptions)
  expect((await contentOf('parts')).equals(whole)).toBe(true)
  expect((await contentOf('parts', 'bytes=149999-270000')).equals(whole.subarray(149_999, 270_001))).toBe(true)
  expect(await headersOf('parts')).toMatchObject({ [sse]: 'KMS' })
  await client.append('log', parts[0]!, underKey() as OSS.AppendObjectOptions)
  await client.append('log', parts[2]!, { position: '150000' })
  expect((await contentOf('log')).equals(Buffer.concat([parts[0]!, parts[2]!]))).toBe(true)
  for (const part of parts) expect(isAtRest(part.subarray(1_000, 1_064))).toBe(false)
})

test('a copy has a key of its own, or none', async () => {
  const content = randomBytes(80_000)
  const other = await newKey()
  await client.put('original', content, underKey())
  await client.copy('copy', 'original', underKey(other) as OSS.CopyObjectOptions)
  await client.copy('open', 'original')
  await kms('DisableKey', { KeyId: other })
  await expect(client.get('copy')).rejects.toMatchObject({ code: 'AccessDenied' })
  expect((await contentOf('open')).equals(content)).toBe(true)
  expect((await headersOf('open'))[sse]).toBeUndefined()
  await client.delete('original')
  await kms('EnableKey', { KeyId: other })
  expect((await contentOf('copy')).equals(content)).toBe(true)
})

describe('a bucket', () => {
  test('says how objects are encrypted that say nothing', async () => {
    await expect(client.getBucketEncryption(bucket)).rejects.toMatchObject({ code: 'NoSuchServerSideEncryptionRule' })
    await client.putBucketEncryption(bucket, { SSEAlgorithm: 'KMS', KMSMasterKeyID: keyId })
    expect((await client.getBucketEncryption(bucket)).encryption).toMatchObject({
      SSEAlgorithm: 'KMS',
      KMSMasterKeyID: keyId,
    })
    const content = randomBytes(1_000)
    await client.put('by-rule', content)
    expect(await headersOf('by-rule')).toMatchObject({ [sse]: 'KMS', [`${sse}-key-id`]: keyId })
    expect(isAtRest(content.subarray(0, 64))).toBe(false)
    await client.deleteBucketEncryption(bucket)
    await client.put('after', content)
    expect((await headersOf('after'))[sse]).toBeUndefined()
  })

  test('keeps older versions readable under the keys they were written with', async () => {
    await client.putBucketVersioning(bucket, 'Enabled')
    const first = await client.put('versions', Buffer.from('one'), underKey())
    await client.put('versions', Buffer.from('two'), { headers: { [sse]: 'AES256' } })
    const versionId = (first.res.headers as Record<string, string>)['x-oss-version-id']!
    expect(String((await client.get('versions', { versionId } as OSS.GetObjectOptions)).content)).toBe('one')
    expect(String(await contentOf('versions'))).toBe('two')
  })
})

test('what is not supported is refused by name', async () => {
  const put = (headers: Record<string, string>) => client.put('refused', Buffer.from('x'), { headers })
  const unknown = { [sse]: 'KMS', 'x-oss-server-side-data-encryption': 'DES' }
  await expect(put(unknown)).rejects.toMatchObject({ code: 'InvalidArgument' })
  await expect(put({ [sse]: 'DES' })).rejects.toMatchObject({ code: 'InvalidEncryptionAlgorithmError' })
  await expect(put({ [`${sse}-key-id`]: keyId })).rejects.toMatchObject({ code: 'InvalidArgument' })
  const missing = '00000000-0000-4000-8000-000000000000'
  await expect(client.put('refused', Buffer.from('x'), underKey(missing))).rejects.toMatchObject({
    code: 'AccessDenied',
  })
})

test('whoever may read the bucket but not use the key reads nothing', async () => {
  await cloud.call('Ram', 'CreateUser', { UserName: 'reader' })
  const policy = { PolicyName: 'AliyunOSSFullAccess', PolicyType: 'System', UserName: 'reader' }
  await cloud.call('Ram', 'AttachPolicyToUser', policy)
  const { AccessKey } = (await cloud.call('Ram', 'CreateAccessKey', { UserName: 'reader' })).body
  const { endpoint, regionId } = cloud
  const reader = createOssClient({
    ...{ endpoint, regionId, bucket, authorizationV4: true },
    accessKeyId: AccessKey.AccessKeyId,
    accessKeySecret: AccessKey.AccessKeySecret,
  })
  await client.put('guarded', Buffer.from('x'), underKey())
  await client.put('unguarded', Buffer.from('y'), { headers: { [sse]: 'AES256' } })
  expect(String((await reader.get('unguarded')).content)).toBe('y')
  await expect(reader.get('guarded')).rejects.toMatchObject({ code: 'AccessDenied', status: 403 })
})
