import { createHash, randomBytes } from 'node:crypto'
import { createOssClient } from '@pileus/testkit/oss-clients'
import { startTestCloud, type TestCloud } from '@pileus/testkit/test-cloud'
import type OSS from 'ali-oss'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

let cloud: TestCloud
beforeAll(async () => {
  cloud = await startTestCloud()
})
afterAll(async () => cloud?.[Symbol.asyncDispose]())

const clientOf = (extra: object = {}): OSS => {
  const { endpoint, regionId, accessKeyId, accessKeySecret } = cloud
  return createOssClient({ endpoint, regionId, accessKeyId, accessKeySecret, ...extra })
}

describe.each([
  { how: 'version 1 signatures', extra: {} },
  { how: 'version 4 signatures', extra: { authorizationV4: true } },
  { how: 'names in the host', extra: { authorizationV4: true, virtualHosted: true } },
])('the official client with $how', ({ how, extra }) => {
  const bucket = `thin-${how.replace(/\W+/g, '-')}`
  let client: OSS
  beforeAll(async () => {
    client = clientOf({ ...extra, bucket })
    await client.putBucket(bucket)
  })

  test('puts, gets, heads and deletes an object', async () => {
    const content = randomBytes(5_000)
    const put = await client.put('folder/名前 +&?.bin', content, { headers: {}, meta: { author: 'x', uid: 1, pid: 2 } })
    expect(put.res.status).toBe(200)
    const got = await client.get('folder/名前 +&?.bin')
    expect((got.content as Buffer).equals(content)).toBe(true)
    const etag = `"${createHash('md5').update(content).digest('hex').toUpperCase()}"`
    expect((got.res.headers as Record<string, string>)['etag']).toBe(etag)
    const head = await client.head('folder/名前 +&?.bin')
    expect(head.meta).toMatchObject({ author: 'x', uid: '1' })
    expect(head.res.headers).toMatchObject({ 'content-length': '5000', 'x-oss-object-type': 'Normal' })
    await client.delete('folder/名前 +&?.bin')
    await expect(client.get('folder/名前 +&?.bin')).rejects.toMatchObject({ code: 'NoSuchKey', status: 404 })
    expect((await client.delete('folder/名前 +&?.bin')).res.status).toBe(204)
  })

  test('stores an empty object and a large one', async () => {
    await client.put('empty', Buffer.alloc(0))
    expect(((await client.get('empty')).content as Buffer).length).toBe(0)
    const large = randomBytes(3 * 1024 * 1024 + 17)
    await client.put('large', large)
    expect(((await client.get('large')).content as Buffer).equals(large)).toBe(true)
    await Promise.all([client.delete('empty'), client.delete('large')])
  })

  test('lists with both versions', async () => {
    for (const name of ['a/1', 'a/2', 'b', 'c/d/1', 'é']) await client.put(name, Buffer.from(name))
    const all = await client.list({ 'max-keys': 1000 }, {})
    expect(all.objects.map((object) => object.name)).toEqual(['a/1', 'a/2', 'b', 'c/d/1', 'é'])
    const folders = await client.list({ delimiter: '/', 'max-keys': 1000 }, {})
    expect([folders.prefixes, folders.objects.map((object) => object.name)]).toEqual([
      ['a/', 'c/'],
      ['b', 'é'],
    ])
    const first = await client.list({ delimiter: '/', 'max-keys': 2 }, {})
    expect([first.isTruncated, first.nextMarker]).toEqual([true, 'b'])
    const second = await client.list({ delimiter: '/', 'max-keys': 2, marker: first.nextMarker }, {})
    expect([second.prefixes, second.objects.map((object) => object.name)]).toEqual([['c/'], ['é']])
    // biome-ignore lint/suspicious/noExplicitAny: the types of the package lack listV2.
    const v2 = await (client as any).listV2({ 'max-keys': '2', prefix: 'a' })
    expect(v2.objects.map((object: { name: string }) => object.name)).toEqual(['a/1', 'a/2'])
    await client.deleteBucket(bucket).then(
      () => expect.unreachable('a bucket with objects was deleted'),
      (error) => expect(error).toMatchObject({ code: 'BucketNotEmpty', status: 409 }),
    )
    for (const name of ['a/1', 'a/2', 'b', 'c/d/1', 'é']) await client.delete(name)
    await client.deleteBucket(bucket)
    await expect(client.list({ 'max-keys': 1 }, {})).rejects.toMatchObject({ code: 'NoSuchBucket' })
  })
})

test('a wrong secret, an unknown key and a foreign account are refused', async () => {
  const bucket = 'refusals-1'
  const client = clientOf({ bucket })
  await client.putBucket(bucket)
  await client.put('k', Buffer.from('v'))
  const wrong = clientOf({ bucket, accessKeySecret: 'no' })
  await expect(wrong.get('k')).rejects.toMatchObject({ code: 'SignatureDoesNotMatch', status: 403 })
  const unknown = clientOf({ bucket, accessKeyId: 'nobody' })
  await expect(unknown.get('k')).rejects.toMatchObject({ code: 'InvalidAccessKeyId', status: 403 })
  const other = await cloud.newAccount()
  const foreign = clientOf({ bucket, accessKeyId: other.accessKeyId, accessKeySecret: other.accessKeySecret })
  await expect(foreign.get('k')).rejects.toMatchObject({ code: 'AccessDenied', status: 403 })
  await expect(foreign.put('k', Buffer.from('w'))).rejects.toMatchObject({ code: 'AccessDenied' })
  await expect(foreign.putBucket(bucket)).rejects.toMatchObject({ code: 'BucketAlreadyExists', status: 409 })
  const anonymous = await fetch(`http://${cloud.endpoint}/${bucket}/k`)
  expect([anonymous.status, await anonymous.text()]).toEqual([
    403,
    expect.stringContaining('<Code>AccessDenied</Code>'),
  ])
})
