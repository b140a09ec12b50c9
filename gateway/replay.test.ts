/** A request is accepted once, also when the control plane was stopped and started in between. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { CloudConfig } from '@pileus/cloud/config'
import { type RunningCloud, startCloud } from '@pileus/cloud/start'
import { hostRegions } from '@pileus/kernel/hosted-regions'
import { silentLog } from '@pileus/kernel/log'
import { createTestDatabase, type TestDatabase } from '@pileus/testkit/test-database'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { signedAcs3, signedRpcV1 } from './signed-under-test.ts'

let database: TestDatabase
let config: CloudConfig
let running: RunningCloud

beforeAll(async () => {
  database = await createTestDatabase()
  config = {
    dataDir: mkdtempSync(join(tmpdir(), 'pileus-replay-')),
    installDir: process.cwd(),
    hosted: hostRegions(['cn-hangzhou']),
    engine: 'simulated',
    engineReason: 'a test asked for it',
    listenHost: '127.0.0.1',
    httpPort: 0,
    httpsPort: 0,
    databaseUrl: database.url,
    databaseUser: undefined,
    hasMachineUsers: false,
    namespace: 'none',
    simulatedMachines: 1,
    outboundAllow: [],
  }
  running = await startCloud(config, { log: silentLog })
})

afterAll(async () => {
  await running?.stop({ machines: 'stop' })
  await database?.drop()
  if (config) rmSync(config.dataDir, { recursive: true, force: true })
})

function makers() {
  const { accessKeyId, accessKeySecret } = running.ready
  const key = { accessKeyId, accessKeySecret }
  return {
    'RPC v1': () => signedRpcV1(key, { Action: 'GetCallerIdentity', Version: '2015-04-01' }),
    ACS3: () => signedAcs3(key, { action: 'GetCallerIdentity', version: '2015-04-01' }),
  }
}

const codeOf = (body: string): string | undefined => JSON.parse(body).Code

test('a request that was answered is refused after a restart, a fresh one is not', async () => {
  const sent = Object.values(makers()).map((make) => make())
  for (const http of sent) expect((await running.pipeline(http)).status).toBe(200)
  await running.stop()
  running = await startCloud(config, { log: silentLog })
  for (const http of sent) {
    const again = await running.pipeline(http)
    expect(again.status).toBe(400)
    expect(codeOf(again.body)).toBe('SignatureNonceUsed')
  }
  for (const make of Object.values(makers())) expect((await running.pipeline(make())).status).toBe(200)
})

test('of 50 copies that arrive together exactly one is accepted', async () => {
  for (const make of Object.values(makers())) {
    const http = make()
    const answers = await Promise.all(Array.from({ length: 50 }, () => running.pipeline(http)))
    expect(answers.filter((answer) => answer.status === 200)).toHaveLength(1)
    const codes = answers.filter((answer) => answer.status !== 200).map((answer) => codeOf(answer.body))
    expect(codes).toEqual(Array(49).fill('SignatureNonceUsed'))
  }
})

test('a refused signature burns no nonce', async () => {
  const { accessKeyId, accessKeySecret } = running.ready
  const call = { Action: 'GetCallerIdentity', Version: '2015-04-01', SignatureNonce: 'chosen-by-somebody' }
  const forged = await running.pipeline(signedRpcV1({ accessKeyId, accessKeySecret: 'guess' }, call))
  expect(codeOf(forged.body)).toBe('SignatureDoesNotMatch')
  expect((await running.pipeline(signedRpcV1({ accessKeyId, accessKeySecret }, call))).status).toBe(200)
})

test('nonces that the database would not store are refused, and harm nobody else', async () => {
  const { accessKeyId, accessKeySecret } = running.ready
  const key = { accessKeyId, accessKeySecret }
  const call = (nonce: string) =>
    signedRpcV1(key, { Action: 'GetCallerIdentity', Version: '2015-04-01', SignatureNonce: nonce })
  const odd = ['\u0000', 'a\u0000b', '\n', 'é', '\u{1F600}', 'x'.repeat(257)]
  const answers = await Promise.all([...odd, 'plain'].map((nonce) => running.pipeline(call(nonce))))
  expect(answers.map((answer) => answer.status)).toEqual([...odd.map(() => 400), 200])
})
