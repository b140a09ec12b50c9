import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { openCheckpoint, parseVerifierKey } from '@pileus/kernel/audit/note'
import { startTestCloud, type TestCloud } from '@pileus/testkit/test-cloud'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'

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
    const verifier = parseVerifierKey(readFileSync(join(folder, 'verifier-key'), 'utf8'))
    const opened = openCheckpoint(readFileSync(join(folder, 'checkpoint'), 'utf8'), verifier)
    return opened.size > (found?.index ?? 0) && opened
  })
  expect(checkpoint.origin).toMatch(/^pileus\.audit\/[0-9a-f-]{36}\/eu-central-1$/)
})
