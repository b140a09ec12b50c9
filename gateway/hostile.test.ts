/** 100,000 malformed requests, with `hostile-sockets.test.ts`: no crash, no server error, no growth. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { loadProduct } from '@pileus/contract/contract'
import { startTestCloud, type TestCloud } from '@pileus/testkit/test-cloud'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type HostileTarget, hostileCall, hostileRequest, randomFrom } from './hostile-under-test.ts'
import type { HttpRequest } from './http-request.ts'
import { httpRequest, signedRpcV1 } from './signed-under-test.ts'

const seed = 20_261_123
const requests = 93_000
const calls = 3_000

let cloud: TestCloud
let target: HostileTarget
beforeAll(async () => {
  cloud = await startTestCloud()
  target = { key: cloud, operations: implementedOperations(cloud) }
})
afterAll(async () => cloud?.[Symbol.asyncDispose]())

/** Reads only: what writes do with odd values is their products' own test, and would leave odd things behind. */
function implementedOperations({ running }: TestCloud): HostileTarget['operations'] {
  return running.services.all
    .flatMap((service) => service.operations)
    .filter((operation) => operation.kind === 'read')
    .map(({ ref: { product, version, name } }) => {
      const fields = loadProduct(product, version).findAction(name)?.request.fields ?? new Map()
      return { version, action: name, parameters: [...fields.keys(), 'PageSize', 'Tag.1.Key', 'Filter.1.Value'] }
    })
}

/** Puts what came of `make`'s requests, several at once, into one table; throws at the first server error. */
async function send(count: number, make: (index: number) => HttpRequest): Promise<Map<number, number>> {
  const statuses = new Map<number, number>()
  let next = 0
  const worker = async (): Promise<void> => {
    while (next < count) {
      const index = next
      next += 1
      const http = make(index)
      const { status, body } = await cloud.running.pipeline(http)
      if (status < 200 || (status >= 500 && status !== 501)) {
        const shown = `${http.method} ${http.path}?${http.query} ${http.body.toString('latin1')}`.slice(0, 2_000)
        throw new Error(`request ${index} got ${status} ${body}: ${shown} ${JSON.stringify(http.headers)}`)
      }
      statuses.set(status, (statuses.get(status) ?? 0) + 1)
    }
  }
  await Promise.all(Array.from({ length: 32 }, worker))
  return statuses
}

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

async function usedHeapMiB(): Promise<number> {
  // Twice, with a pause for what finalizers and closing sockets still hold.
  for (let round = 0; round < 2; round += 1) {
    collectGarbage()
    await new Promise((done) => setTimeout(done, 50))
  }
  return process.memoryUsage().heapUsed / 2 ** 20
}

test(`${requests} malformed requests get no server error, and leave no memory behind`, {
  timeout: 120_000,
}, async () => {
  const random = randomFrom(seed)
  const make = () => hostileRequest(random, target)
  await send(10_000, make)
  const beforeMiB = await usedHeapMiB()
  const statuses = await send(requests - 10_000, make)
  const grownMiB = (await usedHeapMiB()) - beforeMiB
  expect(grownMiB).toBeLessThan(16)
  // The requests reach different stages: among their answers are most that the gateway can give.
  expect([...statuses.keys()]).toEqual(expect.arrayContaining([400, 403, 404, 501]))
  expect((statuses.get(200) ?? 0) / requests).toBeLessThan(0.05)
})

test(`${calls} signed calls with odd values get no server error`, { timeout: 60_000 }, async () => {
  const random = randomFrom(seed + 1)
  const statuses = await send(calls, () => hostileCall(random, target))
  // Signatures were right, so operations ran.
  expect(statuses.get(200) ?? 0).toBeGreaterThan(calls / 20)
})

test('bodies at the limits are answered quickly', async () => {
  const form = { host: 'x', 'content-type': 'application/x-www-form-urlencoded' }
  const sizeBytes = 8 * 2 ** 20
  for (const unit of ['&', '=', '%41', '+', 'a=&', '%E6%9D%AD', 'A.1.']) {
    const body = Buffer.alloc(sizeBytes, unit)
    const startedMs = performance.now()
    const { status } = await cloud.running.pipeline(httpRequest({ method: 'POST', headers: form, body }))
    expect(status, unit).toBeGreaterThanOrEqual(400)
    expect(status, unit).toBeLessThan(500)
    expect(performance.now() - startedMs, unit).toBeLessThan(5_000)
  }
})

test('the prototype of objects is as it was, and the server answers', async () => {
  expect(Object.keys(Object.prototype)).toEqual([])
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
  const answer = await cloud.running.pipeline(
    signedRpcV1(cloud, { Action: 'GetCallerIdentity', Version: '2015-04-01' }),
  )
  expect(answer.status).toBe(200)
})
