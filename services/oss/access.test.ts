import { createHmac } from 'node:crypto'
import { createOssClient } from '@pileus/testkit/oss-clients'
import { sdkModel } from '@pileus/testkit/sdk-clients'
import { startTestCloud, type TestAccount, type TestCloud } from '@pileus/testkit/test-cloud'
import { afterAll, beforeAll, expect, test } from 'vitest'

const bucket = 'access'
let cloud: TestCloud
// biome-ignore lint/suspicious/noExplicitAny: the types of the package lack many of its methods.
let client: any

const clientOf = (account: TestAccount, extra: object = {}) => {
  const { endpoint, regionId } = cloud
  const { accessKeyId, accessKeySecret } = account
  // biome-ignore lint/suspicious/noExplicitAny: as above.
  return createOssClient({ endpoint, regionId, accessKeyId, accessKeySecret, bucket, ...extra }) as any
}

beforeAll(async () => {
  cloud = await startTestCloud()
  client = clientOf(cloud)
  await client.putBucket(bucket)
  await client.put('k', Buffer.from('v'))
})
afterAll(async () => cloud?.[Symbol.asyncDispose]())

const urlOf = (path: string): string => `http://${cloud.endpoint}/${bucket}/${path}`
const statusOf = async (path: string, init: RequestInit = {}): Promise<number> =>
  (await fetch(urlOf(path), init)).status

async function newUser(
  name: string,
  policy: object | undefined,
  Statement: object[] = policy ? [policy] : [],
): Promise<TestAccount> {
  const model = (action: string, fields: object) => new (sdkModel('@alicloud/ram20150501', `${action}Request`))(fields)
  await cloud.ram.createUser(model('CreateUser', { userName: name }))
  if (Statement.length > 0) {
    const document = JSON.stringify({ Version: '1', Statement })
    await cloud.ram.createPolicy(model('CreatePolicy', { policyName: name, policyDocument: document }))
    const attach = { policyName: name, policyType: 'Custom', userName: name }
    await cloud.ram.attachPolicyToUser(model('AttachPolicyToUser', attach))
  }
  const { body } = await cloud.ram.createAccessKey(model('CreateAccessKey', { userName: name }))
  return cloud.as({
    accessKeyId: body?.accessKey?.accessKeyId ?? '',
    accessKeySecret: body?.accessKey?.accessKeySecret ?? '',
  })
}

test('ACLs of bucket and object open what they say to everybody', async () => {
  expect(await statusOf('k')).toBe(403)
  await client.putBucketACL(bucket, 'public-read')
  expect([await statusOf('k'), await statusOf(''), await statusOf('new', { method: 'PUT', body: 'x' })]).toEqual([
    200, 200, 403,
  ])
  await client.putACL('k', 'private')
  expect((await client.getACL('k')).acl).toBe('private')
  expect(await statusOf('k')).toBe(403)
  await client.putBucketACL(bucket, 'public-read-write')
  expect(await statusOf('new', { method: 'PUT', body: 'x' })).toBe(200)
  expect(await statusOf('k', { method: 'PUT', body: 'x' })).toBe(403)
  expect(await statusOf('?acl')).toBe(403)
  await client.putBucketACL(bucket, 'private')
  expect(await statusOf('new')).toBe(403)
  await client.putACL('new', 'public-read')
  expect(await statusOf('new')).toBe(200)
})

test('users may do what their policies allow', async () => {
  const reader = clientOf(
    await newUser('reader', { Effect: 'Allow', Action: 'oss:GetObject', Resource: `acs:oss:*:*:${bucket}/k` }),
  )
  expect(String((await reader.get('k')).content)).toBe('v')
  await expect(reader.get('new2')).rejects.toMatchObject({ code: 'AccessDenied', status: 403 })
  await expect(reader.put('k', Buffer.from('w'))).rejects.toMatchObject({ code: 'AccessDenied' })
  await expect(reader.copy('k2', 'k')).rejects.toMatchObject({ code: 'AccessDenied' })
  const denied = await newUser('denied', { Effect: 'Deny', Action: 'oss:*', Resource: '*' })
  await expect(clientOf(denied).get('new')).rejects.toMatchObject({ code: 'AccessDenied' })
})

test('a copy needs the right to read its source', async () => {
  const statement = { Effect: 'Allow', Action: 'oss:PutObject', Resource: `acs:oss:*:*:${bucket}/*` }
  const writer = clientOf(await newUser('writer', statement))
  await writer.put('written', Buffer.from('x'))
  await expect(writer.copy('stolen', 'k')).rejects.toMatchObject({ code: 'AccessDenied' })
  await expect(writer.deleteMulti(['written', 'k'], { quiet: false })).rejects.toMatchObject({ code: 'AccessDenied' })
  expect((await client.head('written')).status).toBe(200)
})

test('a bucket policy allows strangers, and a denial in it wins', async () => {
  const stranger = await cloud.newAccount()
  const foreign = clientOf(stranger)
  await client.put('shared/a', Buffer.from('a'))
  await client.put('shared/no', Buffer.from('n'))
  const statement = (Effect: string, Principal: string[], resource: string) => ({
    Effect,
    Principal,
    Action: ['oss:GetObject'],
    Resource: [`acs:oss:*:*:${bucket}/${resource}`],
  })
  const allow = statement('Allow', [stranger.accountId], 'shared/*')
  const deny = statement('Deny', ['*'], 'shared/no')
  await client.putBucketPolicy(bucket, { Version: '1', Statement: [allow, deny] })
  expect(String((await foreign.get('shared/a')).content)).toBe('a')
  await expect(foreign.get('shared/no')).rejects.toMatchObject({ code: 'AccessDenied' })
  await expect(foreign.get('k')).rejects.toMatchObject({ code: 'AccessDenied' })
  expect(await statusOf('shared/a')).toBe(403)
  expect((await client.getBucketPolicy(bucket)).policy.Statement).toHaveLength(2)
  await expect(
    client.putBucketPolicy(bucket, { Version: '1', Statement: [{ Effect: 'Allow' }] }),
  ).rejects.toMatchObject({
    code: 'InvalidPolicyDocument',
  })
  await client.deleteBucketPolicy(bucket)
  await expect(foreign.get('shared/a')).rejects.toMatchObject({ code: 'AccessDenied' })
})

test('signed URLs are good until they expire, for what was signed', async () => {
  const { accessKeyId, accessKeySecret } = cloud
  const sign = (method: string, path: string, expires: number): string => {
    const text = `${method}\n\n\n${expires}\n/${bucket}/${path}`
    const Signature = createHmac('sha1', accessKeySecret).update(text).digest('base64')
    return `${path}?${new URLSearchParams({ OSSAccessKeyId: accessKeyId, Expires: String(expires), Signature })}`
  }
  const now = Math.floor(Date.now() / 1000)
  expect(await statusOf(sign('GET', 'k', now + 60))).toBe(200)
  expect(await statusOf(sign('GET', 'k', now - 1))).toBe(403)
  expect(await statusOf(sign('GET', 'k', now + 60), { method: 'DELETE' })).toBe(403)
  expect(await statusOf(sign('GET', 'k', now + 60).replace('k?', 'new?'))).toBe(403)
  expect(await statusOf(`${sign('GET', 'k', now + 60)}&acl`)).toBe(403)
  expect(await statusOf(sign('PUT', 'by-url', now + 60), { method: 'PUT', body: new Uint8Array([1, 2]) })).toBe(200)
  const host = clientOf(cloud, { virtualHosted: true, authorizationV4: true })
  const v4 = new URL(await host.signatureUrlV4('GET', 60, {}, 'by-url'))
  const answer = await fetch(`http://${cloud.endpoint}/${bucket}/by-url${v4.search}`)
  expect([answer.status, (await answer.arrayBuffer()).byteLength]).toEqual([200, 2])
  v4.searchParams.set('x-oss-expires', '600')
  expect(await statusOf(`by-url${v4.search}`)).toBe(403)
})

test('CORS: preflights and answers follow the first rule that allows', async () => {
  const ask = (origin: string, method: string) =>
    fetch(urlOf('new'), { method: 'OPTIONS', headers: { Origin: origin, 'Access-Control-Request-Method': method } })
  expect((await ask('https://a.example', 'GET')).status).toBe(403)
  const rule = { allowedOrigin: 'https://*.example', allowedMethod: ['GET'], allowedHeader: '*', maxAgeSeconds: '60' }
  await client.putBucketCORS(bucket, [rule])
  const preflight = await ask('https://a.example', 'GET')
  expect(preflight.status).toBe(200)
  expect(preflight.headers.get('access-control-allow-origin')).toBe('https://a.example')
  expect((await ask('https://a.example', 'PUT')).status).toBe(403)
  expect((await ask('https://other.test', 'GET')).status).toBe(403)
  const answer = await fetch(urlOf('new'), { headers: { Origin: 'https://a.example' } })
  expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([200, 'https://a.example'])
  expect((await client.getBucketCORS(bucket)).rules).toHaveLength(1)
  await client.deleteBucketCORS(bucket)
  await expect(client.getBucketCORS(bucket)).rejects.toMatchObject({ code: 'NoSuchCORSConfiguration', status: 404 })
})

test('what a bucket tells about itself', async () => {
  const { bucket: info } = await client.getBucketInfo(bucket)
  expect(info).toMatchObject({
    Name: bucket,
    Location: `oss-${cloud.regionId}`,
    AccessControlList: { Grant: 'private' },
  })
  expect((await client.getBucketLocation(bucket)).location).toBe(`oss-${cloud.regionId}`)
  await client.putBucketTags(bucket, { a: 'b' })
  expect((await client.getBucketTags(bucket)).tag).toEqual({ a: 'b' })
  await client.deleteBucketTags(bucket)
  expect((await client.getBucketTags(bucket)).tag).toEqual({})
  const { stat } = await client.getBucketStat(bucket)
  expect(Number(stat.ObjectCount)).toBeGreaterThan(2)
  const { buckets } = await client.listBuckets({})
  expect(buckets.map((one: { name: string }) => one.name)).toEqual([bucket])
})

test('hostile XML and keys are refused', async () => {
  await client.putBucketACL(bucket, 'public-read-write')
  const post = async (body: string) => {
    const answer = await fetch(urlOf('?delete'), { method: 'POST', body })
    return /<Code>(\w+)/.exec(await answer.text())?.[1]
  }
  const bomb = '<!DOCTYPE a [<!ENTITY b "bbbb">]><Delete><Object><Key>&b;</Key></Object></Delete>'
  expect(await post(bomb)).toBe('MalformedXML')
  expect(await post('<Delete>'.repeat(50))).toBe('MalformedXML')
  expect(await post('<Delete><Object></Object></Delete>')).toBe('MalformedXML')
  expect(await statusOf('%ff', { method: 'PUT', body: 'x' })).toBe(400)
  expect(await statusOf('a%00b', { method: 'PUT', body: 'x' })).toBe(400)
  expect(await statusOf('a'.repeat(1024), { method: 'PUT', body: 'x' })).toBe(400)
  expect(await statusOf('a'.repeat(1023), { method: 'PUT', body: 'x' })).toBe(200)
  const traversal = '..%2F..%2Fetc%2Fpasswd'
  expect(await statusOf(traversal, { method: 'PUT', body: 'mine' })).toBe(200)
  expect(await (await fetch(urlOf(traversal))).text()).toBe('mine')
})

test('forms upload what their signed policy allows', async () => {
  await client.putBucketACL(bucket, 'private')
  const post = async (conditions: unknown[], fields: Record<string, string>, bytes: string, expiresMs = 60_000) => {
    const expiration = new Date(Date.now() + expiresMs).toISOString()
    const policy = Buffer.from(JSON.stringify({ expiration, conditions })).toString('base64')
    const Signature = createHmac('sha1', cloud.accessKeySecret).update(policy).digest('base64')
    const form = new FormData()
    const all = { policy, Signature, OSSAccessKeyId: cloud.accessKeyId, ...fields }
    for (const [name, value] of Object.entries(all)) form.set(name, value)
    form.set('file', new Blob([bytes]), 'photo é.txt')
    const answer = await fetch(urlOf('').slice(0, -1), { method: 'POST', body: form, redirect: 'manual' })
    return { status: answer.status, code: /<Code>(\w+)/.exec(await answer.text())?.[1], headers: answer.headers }
  }
  const inFolder = [{ bucket }, ['starts-with', '$key', 'forms/'], ['content-length-range', 1, 10]]
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the form's own placeholder
  const key = 'forms/${filename}'
  const told = { key, 'Content-Type': 'text/x', 'x-oss-meta-a': 'b' }
  expect((await post(inFolder, { ...told, success_action_status: '201' }, 'hello')).status).toBe(201)
  const got = await client.get('forms/photo é.txt')
  expect([String(got.content), got.res.headers['content-type'], got.res.headers['x-oss-meta-a']]).toEqual([
    'hello',
    'text/x',
    'b',
  ])
  expect((await post(inFolder, told, 'hello')).status).toBe(204)
  const page = await post(inFolder, { ...told, success_action_redirect: 'http://page.example/done' }, 'hello')
  expect([page.status, page.headers.get('location')]).toEqual([
    303,
    expect.stringContaining('page.example/done?bucket='),
  ])
  expect(await post(inFolder, { ...told, key: 'elsewhere' }, 'x')).toMatchObject({ status: 403, code: 'AccessDenied' })
  expect(await post(inFolder, told, 'x'.repeat(11))).toMatchObject({ status: 400, code: 'EntityTooLarge' })
  expect(await post(inFolder, told, '')).toMatchObject({ status: 400, code: 'EntityTooSmall' })
  expect(await post(inFolder, told, 'x', -1_000)).toMatchObject({ status: 403, code: 'AccessDenied' })
  expect(await post(inFolder, { ...told, Signature: 'no' }, 'x')).toMatchObject({ code: 'SignatureDoesNotMatch' })
})

test('what versioning keeps, and tags, take rights of their own', async () => {
  const [kept, every] = [`acs:oss:*:*:kept-versions`, `acs:oss:*:*:kept-versions/*`]
  const at = (account: TestAccount) => clientOf(account, { bucket: 'kept-versions' })
  const owner = at(cloud)
  await owner.putBucket('kept-versions')
  await owner.putBucketVersioning('kept-versions', 'Enabled')
  const first = (await owner.put('k', Buffer.from('first'))).res.headers['x-oss-version-id']
  await owner.put('k', Buffer.from('second'))
  const Action = ['oss:GetObject', 'oss:DeleteObject', 'oss:PutObject']
  const user = at(await newUser('no-versions', { Effect: 'Allow', Action, Resource: every }))
  expect(String((await user.get('k')).content)).toBe('second')
  const refused = { code: 'AccessDenied', status: 403 }
  await expect(user.get('k', { versionId: first })).rejects.toMatchObject(refused)
  await expect(user.copy('stolen', 'k', { versionId: first })).rejects.toMatchObject(refused)
  await expect(user.delete('k', { versionId: first })).rejects.toMatchObject(refused)
  await expect(user.deleteMulti([{ key: 'k', versionId: first }])).rejects.toMatchObject({ code: 'AccessDenied' })
  await expect(user.put('t', Buffer.from('t'), { headers: { 'x-oss-tagging': 'a=b' } })).rejects.toMatchObject(refused)
  await user.put('t', Buffer.from('t'))
  await user.delete('k')
  expect(String((await owner.get('k', { versionId: first })).content)).toBe('first')
  // A denial of the plain right holds for versions as well.
  const Statement = [
    { Effect: 'Allow', Action: 'oss:*', Resource: [kept, every] },
    { Effect: 'Deny', Action: 'oss:GetObject', Resource: every },
  ]
  const denied = at(await newUser('denied-versions', undefined, Statement))
  await expect(denied.get('k', { versionId: first })).rejects.toMatchObject(refused)
  await denied.delete('k', { versionId: first })
  await expect(owner.get('k', { versionId: first })).rejects.toMatchObject({ code: 'NoSuchVersion' })
})
