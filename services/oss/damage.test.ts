/** What disks do to objects: flipped bits are found and told, never served; a full disk takes no object down with it. */
import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdirSync, openSync, readdirSync, readSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { createOssClient } from '@pileus/testkit/oss-clients'
import { startTestCloud, type TestCloud } from '@pileus/testkit/test-cloud'
import type OSS from 'ali-oss'
import { afterAll, beforeAll, expect, test } from 'vitest'

let cloud: TestCloud
let client: OSS
let bytesDir: string
beforeAll(async () => {
  cloud = await startTestCloud({ regions: ['cn-hangzhou', 'eu-central-1'] })
  client = createOssClient({ ...cloud, bucket: 'damage' })
  await client.putBucket('damage')
  bytesDir = join(cloud.running.ready.dataDir, 'objects', 'cn-hangzhou')
})
afterAll(async () => cloud?.[Symbol.asyncDispose]())

/** Flips one bit in the middle of the file that holds `bytes` somewhere. */
function flipWithin(bytes: Buffer): void {
  for (const entry of readdirSync(bytesDir, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !/^[ps][0-9a-f]{20}$/.test(entry.name)) continue
    const file = openSync(join(entry.parentPath, entry.name), 'r+')
    const content = Buffer.alloc(4 * 1024 * 1024)
    const found = content.subarray(0, readSync(file, content)).indexOf(bytes)
    if (found === -1) continue
    const at = found + (bytes.length >> 1)
    writeSync(file, Buffer.from([content[at]! ^ 4]), 0, 1, at)
    return
  }
  throw new Error('no file holds these bytes')
}

test('flipped bits are never served, are told by name, and are gone once the object is replaced', async () => {
  const contents = new Map([
    ['small', randomBytes(4_000)],
    ['large', randomBytes(2_500_000)],
    ['whole', randomBytes(4_000)],
  ])
  for (const [key, content] of contents) await client.put(key, content)
  for (const key of ['small', 'large']) flipWithin(contents.get(key)!.subarray(1_000, 1_100))
  for (const key of ['small', 'large']) {
    await expect(client.get(key)).rejects.toMatchObject({ status: 500, code: 'InternalError' })
    expect((await client.head(key)).status).toBe(200)
  }
  expect((await client.get('whole')).content.equals(contents.get('whole')!)).toBe(true)

  const { oss } = cloud.running.services
  expect(await oss.scrub()).toMatchObject({ locationsRead: 3, corrupt: 2 })
  const damaged = await oss.listDamagedObjects(10)
  expect(damaged.map(({ bucket, key }) => `${bucket}/${key}`).sort()).toEqual(['damage/large', 'damage/small'])
  expect(damaged[0]!.reason).toContain('damaged')

  await client.put('small', contents.get('small')!)
  expect((await oss.listDamagedObjects(10)).map(({ key }) => key)).toEqual(['large'])
  await client.delete('large')
  expect(await oss.scrub()).toMatchObject({ corrupt: 0 })
  expect(await oss.listDamagedObjects(10)).toEqual([])
})

test('a full disk refuses writes clearly, reads go on, and writes do once there is room', async (context) => {
  // A region that nothing was put in yet has no file open.
  const directory = join(cloud.running.ready.dataDir, 'objects', 'eu-central-1')
  mkdirSync(directory, { recursive: true })
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=3m', 'tmpfs', directory], { stdio: 'pipe' })
  } catch {
    return context.skip('mounting a small file system needs root')
  }
  try {
    const disk = createOssClient({ ...cloud, regionId: 'eu-central-1', bucket: 'full-disk', authorizationV4: true })
    await disk.putBucket('full-disk')
    await disk.put('first', Buffer.alloc(1_000, 'x'))
    const large = randomBytes(2_000_000)
    const attempts = await Promise.allSettled([1, 2, 3].map((i) => disk.put(`large-${i}`, large)))
    const refused = attempts.flatMap((attempt) => (attempt.status === 'rejected' ? [attempt.reason] : []))
    expect(refused.length).toBeGreaterThanOrEqual(2)
    for (const reason of refused) expect(reason).toMatchObject({ status: 507, code: 'InsufficientStorage' })
    for (let i = 0; i < 40; i += 1) await disk.put(`small-${i}`, randomBytes(100_000)).catch(() => {})
    await expect(disk.put('small', randomBytes(100_000))).rejects.toMatchObject({ code: 'InsufficientStorage' })
    expect((await disk.get('first')).content.toString()).toBe('x'.repeat(1_000))

    execFileSync('mount', ['-o', 'remount,size=30m', directory], { stdio: 'pipe' })
    await disk.put('large', large)
    expect((await disk.get('large')).content.equals(large)).toBe(true)
    expect((await disk.get('first')).content.toString()).toBe('x'.repeat(1_000))
  } finally {
    execFileSync('umount', ['-l', directory])
  }
})
