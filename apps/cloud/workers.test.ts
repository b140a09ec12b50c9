/** Several processes answer on one port; one that dies is replaced, and takes nothing along that was answered. */
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bundleControlPlane, ControlPlaneUnderTest } from '@pileus/testkit/control-plane-under-test'
import { createOssClient } from '@pileus/testkit/oss-clients'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { workersFor } from './workers.ts'

let directory: string
let program: string
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'pileus-workers-'))
  program = await bundleControlPlane(directory)
})
afterAll(() => rmSync(directory, { recursive: true, force: true }))

test('`auto` leaves small machines alone, and never takes all cores', () => {
  expect([1, 2, 3, 4, 8, 16, 64].map((cores) => workersFor('auto', cores))).toEqual([0, 0, 0, 2, 4, 8, 8])
  expect(workersFor(3, 1)).toBe(3)
})

test('workers share the port; a killed one is replaced, and no answered object is lost', {
  timeout: 60_000,
}, async () => {
  await using cloud = await ControlPlaneUnderTest.create(program, { workers: 2, machines: 1 })
  await cloud.start()
  const first = await cloud.workerPids()
  expect(first).toHaveLength(2)
  const { endpoint, accessKeyId, accessKeySecret } = cloud.ready
  const client = () =>
    createOssClient({ endpoint, regionId: 'cn-hangzhou', accessKeyId, accessKeySecret, bucket: 'shared' })
  await client().putBucket('shared')

  const contents = new Map<string, Buffer>()
  let isOver = false
  const putMany = async (lane: number): Promise<void> => {
    for (let i = 0; !isOver || i < 5; i += 1) {
      const content = randomBytes(100 + i)
      const key = `lane-${lane}/${i}`
      try {
        // A connection of its own each time, so that they go to both.
        await client().put(key, content, { headers: { connection: 'close' } })
        contents.set(key, content)
      } catch (error) {
        // The one that was killed took its connections along; it had not answered.
        if (!['RequestError', 'ResponseError', 'ConnectionTimeoutError'].includes((error as Error).name)) throw error
      }
    }
  }
  const lanes = [0, 1, 2, 3].map(putMany)
  await until(() => contents.size > 10)
  process.kill(first[0]!, 'SIGKILL')
  const before = contents.size
  await until(() => contents.size > before + 10)
  await until(async () => {
    const pids = await cloud.workerPids()
    return pids.length === 2 && !pids.includes(first[0]!)
  })
  isOver = true
  await Promise.all(lanes)
  for (const [key, content] of contents) {
    const { content: got } = await client().get(key)
    expect(Buffer.compare(got, content), key).toBe(0)
  }
  const { objects } = await client().listV2({ 'max-keys': '1000' }, {})
  expect(objects.map((object) => object.name)).toEqual(expect.arrayContaining([...contents.keys()].slice(0, 900)))
  // Calls of other products are answered by them as well.
  expect((await cloud.insist('Vpc', 'DescribeVpcs')).status).toBe(200)
})

test('killed with all its workers under load, it loses nothing that was answered', { timeout: 90_000 }, async () => {
  await using cloud = await ControlPlaneUnderTest.create(program, { workers: 1, machines: 1 })
  const contents = new Map<string, Buffer>()
  const kills = Number(process.env['OSS_KILLS'] ?? 2)
  for (let round = 0; round < kills; round += 1) {
    await cloud.start()
    const { endpoint, accessKeyId, accessKeySecret } = cloud.ready
    const client = createOssClient({
      endpoint,
      regionId: 'cn-hangzhou',
      accessKeyId,
      accessKeySecret,
      bucket: 'killed',
    })
    if (round === 0) await client.putBucket('killed')
    let isKilled = false
    const before = contents.size
    const putUntilKilled = async (lane: number): Promise<void> => {
      for (let i = 0; !isKilled; i += 1) {
        const content = randomBytes(i % 7 === 0 ? 1_500_000 : 2_000 + i)
        const key = `${round}/${lane}/${i}`
        try {
          await client.put(key, content)
          contents.set(key, content)
        } catch (error) {
          if (!isKilled) throw error
        }
      }
    }
    const lanes = [0, 1, 2, 3].map(putUntilKilled)
    await until(() => contents.size > before + 12)
    isKilled = true
    await cloud.killAndWait()
    await Promise.all(lanes)
  }
  await cloud.start()
  const { endpoint, accessKeyId, accessKeySecret } = cloud.ready
  const client = createOssClient({ endpoint, regionId: 'cn-hangzhou', accessKeyId, accessKeySecret, bucket: 'killed' })
  for (const [key, content] of contents) {
    expect(Buffer.compare((await client.get(key)).content, content), key).toBe(0)
  }
  expect(contents.size).toBeGreaterThan(12 * kills)
})

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 30_000
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error('it did not come about within 30 s')
    await new Promise((wake) => setTimeout(wake, 20))
  }
}
