import { createOssClient } from '@pileus/testkit/oss-clients'
import { startTestCloud, type TestCloud } from '@pileus/testkit/test-cloud'
import { afterAll, beforeAll, expect, test } from 'vitest'

const bucket = 'versions'
let cloud: TestCloud
// biome-ignore lint/suspicious/noExplicitAny: the types of the package lack many of its methods.
let client: any
beforeAll(async () => {
  cloud = await startTestCloud()
  const { endpoint, regionId, accessKeyId, accessKeySecret } = cloud
  client = createOssClient({ endpoint, regionId, accessKeyId, accessKeySecret, bucket })
  await client.putBucket(bucket)
})
afterAll(async () => cloud?.[Symbol.asyncDispose]())

const put = async (key: string, text: string): Promise<string | undefined> =>
  (await client.put(key, Buffer.from(text))).res.headers['x-oss-version-id']
const get = async (key: string, versionId?: string): Promise<string> =>
  String((await client.get(key, versionId ? { versionId } : {})).content)

async function listAll(prefix: string, maxKeys = 1000): Promise<string[]> {
  const found: string[] = []
  let query: Record<string, unknown> = { prefix, 'max-keys': maxKeys }
  for (;;) {
    const page = await client.getBucketVersions(query)
    const entries = [...(page.objects ?? []), ...(page.deleteMarker ?? [])] as {
      name: string
      versionId: string
      isLatest: boolean
    }[]
    found.push(...entries.map((entry) => `${entry.name} ${entry.versionId} ${entry.isLatest ?? 'marker'}`))
    if (!page.isTruncated) return found.sort()
    query = { ...query, 'key-marker': page.NextKeyMarker ?? page.nextKeyMarker }
    const versionIdMarker = page.NextVersionIdMarker ?? page.nextVersionIdMarker
    if (versionIdMarker) query['version-id-marker'] = versionIdMarker
  }
}

test('versions, markers and the null version live and go as the bucket says', async () => {
  expect((await client.getBucketVersioning(bucket)).versionStatus).toBeUndefined()
  expect(await put('k', 'unversioned')).toBeUndefined()
  await client.putBucketVersioning(bucket, 'Enabled')
  expect((await client.getBucketVersioning(bucket)).versionStatus).toBe('Enabled')
  const one = (await put('k', 'one'))!
  const two = (await put('k', 'two'))!
  expect([await get('k'), await get('k', one), await get('k', 'null')]).toEqual(['two', 'one', 'unversioned'])

  const marked = await client.delete('k')
  const marker = marked.res.headers['x-oss-version-id']
  expect(marked.res.headers['x-oss-delete-marker']).toBe('true')
  const hidden = await client.get('k').catch((error: unknown) => error)
  expect(hidden).toMatchObject({ code: 'NoSuchKey' })
  expect((await client.list({ 'max-keys': 10 }, {})).objects ?? []).toEqual([])
  await expect(client.get('k', { versionId: marker })).rejects.toMatchObject({ code: 'MethodNotAllowed', status: 405 })
  const expected = [`k ${marker} marker`, `k ${two} false`, `k ${one} false`, 'k null false'].sort()
  expect(await listAll('k')).toEqual(expected)
  expect(await listAll('k', 1)).toEqual(expected)

  const tooLong = client.getBucketVersions({ prefix: 'a'.repeat(1025) })
  await expect(tooLong).rejects.toMatchObject({ code: 'InvalidArgument', status: 400 })

  await client.delete('k', { versionId: marker })
  expect(await get('k')).toBe('two')
  await client.delete('k', { versionId: two })
  expect(await get('k')).toBe('one')
  await expect(client.get('k', { versionId: two })).rejects.toMatchObject({ code: 'NoSuchVersion', status: 404 })

  await client.putBucketVersioning(bucket, 'Suspended')
  expect(await put('k', 'suspended')).toBe('null')
  expect([await get('k', 'null'), await get('k', one)]).toEqual(['suspended', 'one'])
  expect((await client.delete('k')).res.headers['x-oss-version-id']).toBe('null')
  await expect(client.get('k')).rejects.toMatchObject({ code: 'NoSuchKey' })
  await expect(client.deleteBucket(bucket)).rejects.toMatchObject({ code: 'BucketNotEmpty' })
  await client.delete('k', { versionId: one })
  await client.delete('k', { versionId: 'null' })
  expect(await listAll('')).toEqual([])
})

test('what no version holds any more becomes garbage, and nothing else does', async () => {
  const { pool } = cloud.running.store
  await cloud.running.reconcilers.stop()
  await pool.query('delete from oss.garbage')
  await client.putBucketVersioning(bucket, 'Enabled')
  const first = await put('g', 'first')
  await put('g', 'second')
  await client.delete('g')
  expect((await pool.query('select 1 from oss.garbage')).rowCount).toBe(0)
  await client.delete('g', { versionId: first })
  expect((await pool.query('select 1 from oss.garbage')).rowCount).toBe(1)
})
