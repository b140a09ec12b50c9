import { randomUUID } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { checkpointText, openCheckpoint, parseCheckpoint, parseVerifierKey } from '@pileus/kernel/audit/note'
import type { AccountId } from '@pileus/kernel/ids'
import { startTestCloud, type TestCloud } from '@pileus/testkit/test-cloud'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createPublisher } from './publisher.ts'

let cloud: TestCloud
beforeAll(async () => {
  cloud = await startTestCloud()
})
afterAll(async () => cloud?.[Symbol.asyncDispose]())

/** Events of one call, once they have their place. */
async function eventsOf(requestId: string) {
  return await cloud.eventually('the event', async () => {
    const { rows } = await sql<{ event: Record<string, unknown>; index: number; region_id: string }>`
      select body::jsonb as event, index, region_id from actiontrail.entries
      where body::jsonb ->> 'requestId' = ${requestId}`.execute(cloud.running.store.db)
    return rows.length > 0 && rows
  })
}

test('a call appears in the trail with who, what, where and how it went', async () => {
  const { body } = await cloud.call('Vpc', 'CreateVpc', { RegionId: 'eu-central-1', CidrBlock: '10.0.0.0/8' })
  const [found, ...more] = await eventsOf(body.RequestId)
  expect(more).toEqual([])
  expect(found?.region_id).toBe('eu-central-1')
  expect(found?.event).toMatchObject({
    acsRegion: 'eu-central-1',
    apiVersion: '2016-04-28',
    eventCategory: 'Management',
    eventName: 'CreateVpc',
    eventRW: 'Write',
    eventSource: cloud.endpoint,
    eventType: 'ApiCall',
    eventVersion: '1',
    recipientAccountId: cloud.accountId,
    requestId: body.RequestId,
    requestParameters: { RegionId: 'eu-central-1', CidrBlock: '10.0.0.0/8' },
    resourceName: body.VpcId,
    resourceType: 'ACS::VPC::VPC',
    serviceName: 'Vpc',
    sourceIpAddress: '127.0.0.1',
    userIdentity: { type: 'root-account', accountId: cloud.accountId, accessKeyId: cloud.accessKeyId },
  })
})

test('the checkpoint that is published is signed by the log of the region', async () => {
  const { body } = await cloud.call('Vpc', 'DescribeVpcs', { RegionId: 'eu-central-1' })
  const [found] = await eventsOf(body.RequestId)
  const folder = join(cloud.running.ready.dataDir, 'audit', 'eu-central-1')
  const checkpoint = await cloud.eventually('a checkpoint', async () => {
    if (!existsSync(join(folder, 'checkpoint'))) return false
    const verifier = parseVerifierKey(readFileSync(join(folder, 'verifier-key'), 'utf8'))
    const opened = openCheckpoint(readFileSync(join(folder, 'checkpoint'), 'utf8'), verifier)
    return opened.size > (found?.index ?? 0) && opened
  })
  expect(checkpoint.origin).toMatch(/^pileus\.audit\/[0-9a-f-]{36}\/eu-central-1$/)
})

test('what operators and the platform do is told in the trail of the account it concerns', async () => {
  const requestId = randomUUID().toUpperCase()
  const { audit } = cloud.running.services.actiontrail
  const event = {
    actor: { kind: 'operator', operatorId: 'japan', name: 'on call' },
    action: 'operators:GrantEmergencyAccess',
    kind: 'write',
    regionId: 'ap-southeast-1',
    accountId: cloud.accountId as AccountId,
    outcome: { kind: 'success' },
    resources: [],
    requestId,
    details: { approvedBy: ['one', 'two'] },
  } as const
  await audit.recordEvent(event)
  await expect(
    cloud.running.store.transaction(async (tx) => {
      await audit.recordEvent({ ...event, details: { rolledBack: true } }, tx)
      throw new Error('rolled back')
    }),
  ).rejects.toThrow('rolled back')
  expect((await eventsOf(requestId)).map((one) => one.event)).toMatchObject([
    {
      eventName: 'GrantEmergencyAccess',
      eventType: 'AliyunServiceEvent',
      serviceName: 'Operators',
      recipientAccountId: cloud.accountId,
      userIdentity: { type: 'operator', principalId: 'japan', userName: 'on call' },
      additionalEventData: { approvedBy: ['one', 'two'] },
    },
  ])
})

test('a database that was set back, or whose log was changed, signs no second history', async () => {
  await eventsOf((await cloud.call('Vpc', 'DescribeVpcs', { RegionId: 'cn-hangzhou' })).body.RequestId)
  const folder = mkdtempSync(join(tmpdir(), 'pileus-published-'))
  try {
    const fresh = () => createPublisher(cloud.running.store, folder)
    await fresh().publish('cn-hangzhou')
    const file = join(folder, 'cn-hangzhou', 'checkpoint')
    const published = parseCheckpoint(readFileSync(file, 'utf8'))
    const pretend = (change: Partial<typeof published>) =>
      writeFileSync(file, `${checkpointText({ ...published, ...change })}\n`)
    pretend({ size: published.size + 1_000 })
    await expect(fresh().publish('cn-hangzhou')).rejects.toThrow('was set back')
    pretend({ root: Buffer.alloc(32) })
    await expect(fresh().publish('cn-hangzhou')).rejects.toThrow('is not the one whose first')
    pretend({})
    await fresh().publish('cn-hangzhou')
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
