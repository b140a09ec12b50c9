/** ClientToken and DryRun, on an operation that counts how often it truly ran. */

import * as contract from '@pileus/contract/generated/vpc'
import { apiError, commonErrors } from '@pileus/kernel/errors'
import { hostRegions } from '@pileus/kernel/hosted-regions'
import { newResourceId } from '@pileus/kernel/ids'
import { silentLog } from '@pileus/kernel/log'
import { englishOf } from '@pileus/kernel/messages/text'
import { createNonceSource } from '@pileus/kernel/nonces'
import { type OperationContext, operationsFor } from '@pileus/kernel/operation'
import { sdkModel } from '@pileus/testkit/sdk-clients'
import { startTestCloud, type TestAccount, type TestCloud } from '@pileus/testkit/test-cloud'
import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { createPipeline, type Pipeline } from './pipeline.ts'
import { createRegistry } from './registry.ts'
import { signedRpcV1, type TestKey } from './signed-under-test.ts'

let cloud: TestCloud
let other: TestAccount
let pipeline: Pipeline
/** Runs that began, committed or not. */
let runs = 0
/** Holds every run until it settles. */
let gate: Promise<void> | undefined

const { write } = operationsFor<OperationContext>()
const CreateVpc = write(contract.CreateVpc, {
  permission: 'vpc:CreateVpc',
  places: (_, regionId) => regionId,
  idempotentBy: (request) => request.ClientToken,
  dryRunBy: (request) => request.DryRun,
  async run({ db }, request) {
    runs += 1
    await gate
    if (request.VpcName === 'refused') throw apiError(commonErrors.Forbidden)
    const id = newResourceId('vpc')
    await sql`insert into test_rows (id) values (${id})`.execute(db)
    return { VpcId: id }
  },
})

beforeAll(async () => {
  cloud = await startTestCloud()
  other = await cloud.newAccount()
  const { store, services, clock } = cloud.running
  await store.pool.query('create table test_rows (id text primary key)')
  pipeline = createPipeline({
    registry: createRegistry([CreateVpc]),
    credentials: services.ram.credentials,
    authorizer: services.ram.authorizer,
    nonces: createNonceSource(store.pool),
    residency: { mayPlace: () => ({ kind: 'allowed' }), mayMove: () => ({ kind: 'allowed' }) },
    audit: {
      keepsDataEvents: () => false,
      record: async () => {},
      recordIn: async () => {},
      begin: async () => ({ finish: async () => {} }),
      recordEvent: async () => {},
    },
    meter: { count: () => {} },
    hosted: hostRegions(['cn-hangzhou', 'eu-central-1']),
    store,
    translator: { translate: englishOf },
    clock,
    log: silentLog,
  })
})
afterAll(async () => cloud?.[Symbol.asyncDispose]())
beforeEach(async () => {
  runs = 0
  gate = undefined
  await cloud.running.store.pool.query('truncate test_rows')
})

async function create(parameters: Record<string, string>, key: TestKey = cloud) {
  const call = { Action: 'CreateVpc', Version: '2016-04-28', RegionId: 'cn-hangzhou', ...parameters }
  const answer = await pipeline(signedRpcV1(key, call))
  return { status: answer.status, body: JSON.parse(answer.body) }
}

async function countRows(): Promise<number> {
  const { rows } = await cloud.running.store.pool.query('select count(*)::int as n from test_rows')
  return rows[0].n
}

test('a repeated token answers as the first call did, with a RequestId of its own', async () => {
  const first = await create({ ClientToken: 'repeat' })
  const second = await create({ ClientToken: 'repeat' })
  expect(first.status).toBe(200)
  expect(second.body.VpcId).toBe(first.body.VpcId)
  expect(second.body.RequestId).not.toBe(first.body.RequestId)
  expect(runs).toBe(1)
})

test('of 20 calls with one token at once, one creates and all answer alike', async () => {
  const answers = await Promise.all(Array.from({ length: 20 }, () => create({ ClientToken: 'together' })))
  expect(new Set(answers.map(({ body }) => body.VpcId)).size).toBe(1)
  expect(answers.every(({ status }) => status === 200)).toBe(true)
  expect(await countRows()).toBe(1)
})

test('a second call waits for the first one that is still running', async () => {
  let open = (): void => {}
  gate = new Promise((done) => {
    open = done
  })
  const first = create({ ClientToken: 'slow' })
  while (runs === 0) await new Promise((done) => setImmediate(done))
  const second = create({ ClientToken: 'slow' })
  open()
  expect((await second).body.VpcId).toBe((await first).body.VpcId)
  expect(runs).toBe(1)
})

test('other parameters under a used token answer IdempotentParameterMismatch', async () => {
  await create({ ClientToken: 'mismatch', VpcName: 'one' })
  const second = await create({ ClientToken: 'mismatch', VpcName: 'two' })
  expect(second).toMatchObject({ status: 400, body: { Code: 'IdempotentParameterMismatch' } })
  expect(await countRows()).toBe(1)
})

test('a call that failed claims no token', async () => {
  const failed = await create({ ClientToken: 'again', VpcName: 'refused' })
  expect(failed.status).toBe(403)
  expect((await create({ ClientToken: 'again', VpcName: 'fine' })).status).toBe(200)
  expect(await countRows()).toBe(1)
})

test('tokens of another account and region are others', async () => {
  const ids = new Set<string>()
  for (const [key, region] of [
    [cloud, 'cn-hangzhou'],
    [cloud, 'eu-central-1'],
    [other, 'cn-hangzhou'],
  ] as const) {
    ids.add((await create({ ClientToken: 'shared', RegionId: region }, key)).body.VpcId)
  }
  expect(ids.size).toBe(3)
})

test('a token has 1 to 64 ASCII characters', async () => {
  for (const token of ['x'.repeat(65), 'é', 'a\nb']) {
    const answer = await create({ ClientToken: token })
    expect(answer).toMatchObject({ status: 400, body: { Code: 'InvalidParameter' } })
    expect(answer.body.Message).toContain('ClientToken')
  }
  expect((await create({ ClientToken: 'x'.repeat(64) })).status).toBe(200)
})

test('a dry run answers DryRunOperation, changes nothing and uses up no token', async () => {
  const rehearsed = await create({ DryRun: 'true', ClientToken: 'rehearsed' })
  expect(rehearsed).toMatchObject({ status: 400, body: { Code: 'DryRunOperation' } })
  expect(runs).toBe(1)
  expect(await countRows()).toBe(0)
  expect((await create({ ClientToken: 'rehearsed' })).status).toBe(200)
  expect(await countRows()).toBe(1)
})

test('a dry run of what would be refused answers the refusal', async () => {
  const refused = await create({ DryRun: 'true', VpcName: 'refused' })
  expect(refused).toMatchObject({ status: 403, body: { Code: 'Forbidden' } })
})

test('CreateVpc by the official SDK: one token one VPC, and a dry run none', async () => {
  const CreateVpcRequest = sdkModel('@alicloud/vpc20160428', 'CreateVpcRequest')
  const send = (more: object) =>
    cloud.vpc.createVpc(new CreateVpcRequest({ regionId: cloud.regionId, vpcName: 'by-sdk', ...more }))
  const answers = await Promise.all(Array.from({ length: 8 }, () => send({ clientToken: 'by-sdk' })))
  expect(new Set(answers.map(({ body }) => body?.vpcId)).size).toBe(1)
  await expect(send({ clientToken: 'by-sdk', vpcName: 'other' })).rejects.toMatchObject({
    code: 'IdempotentParameterMismatch',
  })
  await expect(send({ dryRun: true })).rejects.toMatchObject({ code: 'DryRunOperation' })
  const { body } = await cloud.call('Vpc', 'DescribeVpcs', { RegionId: cloud.regionId, VpcName: 'by-sdk' })
  expect(body.TotalCount).toBe(1)
})
