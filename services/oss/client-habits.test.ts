/** What the suites of the official clients rely on, beyond what the documentation says. */
import { createHmac } from 'node:crypto'
import { connect } from 'node:net'
import { createOssClient } from '@pileus/testkit/oss-clients'
import { startTestCloud, type TestCloud } from '@pileus/testkit/test-cloud'
import type OSS from 'ali-oss'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

/** What the types of the client leave out. */
interface Untyped {
  getBucketVersions(query: object): Promise<unknown>
  putBucketTags(name: string, tags: object): Promise<unknown>
  putBucketEncryption(name: string, rule: object): Promise<unknown>
  getBucketEncryption(name: string): Promise<unknown>
}

let cloud: TestCloud
beforeAll(async () => {
  cloud = await startTestCloud()
})
afterAll(async () => cloud?.[Symbol.asyncDispose]())

describe.each([true, false])('a client with authorizationV4 %s', (authorizationV4) => {
  const bucket = `habits-${authorizationV4}`
  const clientOf = (): OSS => createOssClient({ ...cloud, bucket, authorizationV4 })
  let client: OSS
  beforeAll(async () => {
    client = clientOf()
    await client.putBucket(bucket)
  })

  test('signs the text of metadata that it sends as bytes', async () => {
    const asBytes = createOssClient({ ...cloud, bucket, authorizationV4, headerEncoding: 'latin1' })
    const meta = { city: '杭州' } as unknown as OSS.UserMeta
    await asBytes.put('meta', Buffer.from('x'), { meta })
    const { meta: got } = await asBytes.head('meta')
    expect(Buffer.from(String((got as unknown as { city: string }).city), 'latin1').toString()).toBe('杭州')
  })

  test('copies on condition with the bare header as well', async () => {
    const { res } = await client.put('source', Buffer.from('x'))
    const { etag } = res.headers as { etag: string }
    const copied = await client.copy('target', 'source', { headers: { 'If-Match': etag } })
    expect(copied.res.status).toBe(200)
    await expect(client.copy('target', 'source', { headers: { 'If-Match': 'other' } })).rejects.toMatchObject({
      code: 'PreconditionFailed',
      status: 412,
    })
    expect((await client.copy('target', 'source', { headers: { 'If-None-Match': etag } })).res.status).toBe(304)
  })

  test('finds keys with control characters in a listing that is not encoded, and deletes them', async () => {
    const key = 'control/\u0001\n\f\u0007é\ue000'
    await client.put(key, Buffer.from(''))
    const list = () => client.list({ prefix: 'control/', 'max-keys': 10 }, {})
    expect((await list()).objects.map((object) => object.name)).toEqual([key])
    await client.deleteMulti([key])
    expect((await list()).objects ?? []).toEqual([])
  })

  test('lists buckets by their tags, which hold any character', async () => {
    const tags = { a: '1', 'b%@+': '++2%' }
    await (client as unknown as Untyped).putBucketTags(bucket, tags)
    const list = (tagging: string) => client.listBuckets({ prefix: bucket, subres: { tagging } } as never)
    const { buckets } = (await list('"a":"1"')) as unknown as { buckets: { name: string; tag: object }[] }
    expect(buckets.map(({ name, tag }) => [name, tag])).toEqual([[bucket, tags]])
    expect((await list('"a":"1","c"')) as unknown as { buckets?: [] }).toMatchObject({ buckets: null })
    await expect(list('a:1')).rejects.toMatchObject({ code: 'InvalidArgument' })
  })

  test('sets a policy whose patterns name more than this bucket, which concerns this one alone', async () => {
    const policy = (extra: object, path: string): never => {
      const statement = { Action: ['oss:GetObject'], Effect: 'Allow', Resource: [`acs:oss:*:*:${path}`], ...extra }
      return { Version: '1', Statement: [statement] } as never
    }
    await client.putBucketPolicy(bucket, policy({ Principal: ['1234567890'] }, '*/*'))
    await client.putBucketPolicy(bucket, policy({}, `${bucket}/*`))
    expect((await fetch(`http://${cloud.endpoint}/${bucket}/source`)).status).toBe(403)
    await expect(client.putBucketPolicy(bucket, policy({ Principal: ['*'] }, 'other/*'))).rejects.toMatchObject({
      code: 'InvalidPolicyDocument',
    })
    await client.deleteBucketPolicy(bucket)
  })

  test('is refused a deletion of many keys as a whole when it may delete none', async () => {
    const body = '<Delete><Object><Key>a</Key></Object><Object><Key>b</Key></Object></Delete>'
    const answer = await fetch(`http://${cloud.endpoint}/${bucket}?delete`, { method: 'POST', body })
    expect([answer.status, await answer.text()]).toEqual([403, expect.stringContaining('<Code>AccessDenied')])
  })

  test('gets encryption without a key where it names none, and lifecycle days of its old form', async () => {
    const untyped = client as unknown as Untyped
    await untyped.putBucketEncryption(bucket, { SSEAlgorithm: 'AES256' })
    expect(await untyped.getBucketEncryption(bucket)).toMatchObject({ encryption: { SSEAlgorithm: 'AES256' } })
    const rule = { id: 'old', prefix: 'logs/', status: 'Enabled', days: 3 }
    await client.putBucketLifecycle(bucket, [rule] as never)
    const { rules } = (await client.getBucketLifecycle(bucket)) as unknown as { rules: object[] }
    expect(rules).toEqual([expect.objectContaining({ expiration: { days: '3' } })])
  })

  test('is refused a copy of an empty version id', async () => {
    const headers = { 'x-oss-copy-source': `/${bucket}/source?versionId=` }
    await expect(client.put('target', Buffer.from(''), { headers })).rejects.toMatchObject({ code: 'InvalidArgument' })
  })

  test('reads a link’s own metadata', async () => {
    await client.put('aim', Buffer.from('12345'), { meta: { uid: 1, pid: 1 } })
    await client.putSymlink('link', 'aim', { meta: { uid: '2' }, storageClass: 'Standard' } as never)
    const { res, meta } = await client.head('link')
    expect(meta).toEqual({ uid: '2' })
    expect(res.headers).toMatchObject({ 'content-length': '5', 'x-oss-object-type': 'Symlink' })
  })

  test('restores with a priority where the storage class has them', async () => {
    const put = (name: string, storageClass: string) =>
      client.put(name, Buffer.from('x'), { headers: { 'x-oss-storage-class': storageClass } })
    await put('archived', 'Archive')
    await put('cold', 'ColdArchive')
    const restore = (name: string, options: object) => client.restore(name, options as never)
    await expect(restore('archived', { type: 'ColdArchive' })).rejects.toMatchObject({ code: 'MalformedXML' })
    const { res } = (await restore('cold', {
      type: 'ColdArchive',
      Days: 3,
      JobParameters: 'Expedited',
    })) as unknown as {
      res: { headers: object }
    }
    expect(res.headers).toMatchObject({ 'x-oss-object-restore-priority': 'Expedited' })
    const { objects } = (await (client as unknown as Untyped).getBucketVersions({ prefix: 'cold' })) as {
      objects: { restoreInfo?: { ongoingRequest: boolean } }[]
    }
    expect(objects[0]?.restoreInfo).toMatchObject({ ongoingRequest: true })
  })

  test('reads the name of the bucket from the answer to an ACL', async () => {
    expect(await client.putBucketACL(bucket, 'private')).toMatchObject({ bucket })
  })
})

test('a form may send its file as a field without a filename', async () => {
  const bucket = 'habits-form'
  await createOssClient({ ...cloud }).putBucket(bucket)
  const post = async (file: string, ...after: [string, string][]) => {
    const expiration = new Date(Date.now() + 60_000).toISOString()
    const conditions = [{ bucket }, { key: 'field' }]
    const policy = Buffer.from(JSON.stringify({ expiration, conditions })).toString('base64')
    const form = new FormData()
    form.set('OSSAccessKeyId', cloud.accessKeyId)
    form.set('Signature', createHmac('sha1', cloud.accessKeySecret).update(policy).digest('base64'))
    form.set('policy', policy)
    form.set('key', 'field')
    form.set('file', file)
    for (const [name, value] of after) form.append(name, value)
    return await fetch(`http://${cloud.endpoint}/${bucket}`, { method: 'POST', body: form })
  }
  expect((await post('Grüße', ['key', 'elsewhere'], ['file', 'second'])).status).toBe(204)
  const { content } = await createOssClient({ ...cloud, bucket }).get('field')
  expect(String(content)).toBe('Grüße')
  const broken = await post('not \ufffd text')
  expect([broken.status, await broken.text()]).toEqual([400, expect.stringContaining('filename')])
})

test('a reader that promises a body and sends none gets its answer and a new connection', async () => {
  const socket = connect(Number(cloud.endpoint.split(':')[1]), '127.0.0.1')
  socket.write('GET /nothing/here HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 9\r\n\r\n')
  let answer = ''
  for await (const chunk of socket) answer += chunk
  expect(answer).toMatch(/^HTTP\/1\.1 404 .*\r\nconnection: close\r\n/is)
})

test('text is compressed for clients that accept it, and nothing else is', async () => {
  const bucket = 'habits-gzip'
  const client = createOssClient({ ...cloud, bucket })
  await client.putBucket(bucket)
  const text = Buffer.from('some text '.repeat(200_000))
  for (const [name, type, bytes] of [
    ['text', 'text/plain; charset=utf-8', text],
    ['image', 'image/png', text],
    ['short', 'text/plain', text.subarray(0, 1023)],
  ] as const) {
    await client.put(name, bytes, { headers: { 'Content-Type': type, 'x-oss-object-acl': 'public-read' } })
  }
  const get = async (name: string, encoding: string, more: object = {}) => {
    const answer = await fetch(`http://${cloud.endpoint}/${bucket}/${name}`, {
      headers: { 'accept-encoding': encoding, ...more },
    })
    return { encoding: answer.headers.get('content-encoding'), bytes: Buffer.from(await answer.arrayBuffer()) }
  }
  const compressed = await get('text', 'deflate, gzip;q=0.5')
  expect([compressed.encoding, compressed.bytes.equals(text)]).toEqual(['gzip', true])
  expect((await get('text', 'gzip;q=0')).encoding).toBe(null)
  expect((await get('text', 'identity')).bytes.equals(text)).toBe(true)
  expect((await get('text', 'gzip', { range: 'bytes=0-1999' })).encoding).toBe(null)
  expect([(await get('image', 'gzip')).encoding, (await get('short', 'gzip')).encoding]).toEqual([null, null])
})
