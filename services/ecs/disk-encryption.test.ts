import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { startTestCloud, type TestAccount, type TestCloud } from '@pileus/testkit/test-cloud'
import { afterAll, beforeAll, expect, test } from 'vitest'

let cloud: TestCloud
let keyId: string
const small = { ImageId: 'micro', InstanceType: 'ecs.t5-lc2m1.nano' }

beforeAll(async () => {
  cloud = await startTestCloud()
  keyId = (await ok('Kms', 'CreateKey')).KeyMetadata.KeyId
})
afterAll(async () => cloud?.[Symbol.asyncDispose]())

async function ok(product: string, action: string, parameters: Record<string, string> = {}) {
  const { status, body } = await cloud.call(product, action, parameters)
  if (status !== 200) throw new Error(`${action}: ${status} ${body.Code}: ${body.Message}`)
  return body
}

async function refusal(action: string, parameters: Record<string, string>, account: TestAccount = cloud) {
  const { status, body } = await account.call('Ecs', action, parameters)
  return `${status} ${body.Code}`
}

async function launch(parameters: Record<string, string>): Promise<string> {
  const { InstanceIdSets } = await ok('Ecs', 'RunInstances', { ...small, ...parameters })
  return InstanceIdSets.InstanceIdSet[0]
}

const statusOf = async (instance: string): Promise<string> =>
  (await ok('Ecs', 'DescribeInstanceStatus', { 'InstanceId.1': instance })).InstanceStatuses.InstanceStatus[0]?.Status

const becomes = (instance: string, status: string) =>
  cloud.eventually(`${instance} ${status}`, async () => (await statusOf(instance)) === status)

const disksOf = async (instance: string) => (await ok('Ecs', 'DescribeDisks', { InstanceId: instance })).Disks.Disk

test('an instance with the key of its disk disabled runs on, and does not start again', async () => {
  const instance = await launch({
    'SystemDisk.Encrypted': 'true',
    'SystemDisk.KMSKeyId': keyId,
    'DataDisk.1.Size': '20',
  })
  await becomes(instance, 'Running')
  const disks = await disksOf(instance)
  expect(disks.map((disk: { Encrypted: boolean; KMSKeyId: string }) => [disk.Encrypted, disk.KMSKeyId])).toEqual([
    [true, keyId],
    [false, ''],
  ])
  expect((await ok('Ecs', 'DescribeDisks', { KMSKeyId: keyId })).TotalCount).toBe(1)
  await ok('Kms', 'DisableKey', { KeyId: keyId })
  expect(await statusOf(instance)).toBe('Running')
  await ok('Ecs', 'StopInstance', { InstanceId: instance })
  await becomes(instance, 'Stopped')
  const refused = '403 InvalidParameter.KMSKeyId.CMKNotEnabled'
  expect(await refusal('StartInstance', { InstanceId: instance })).toBe(refused)
  await ok('Kms', 'EnableKey', { KeyId: keyId })
  await ok('Ecs', 'StartInstance', { InstanceId: instance })
  await becomes(instance, 'Running')
})

test('lists show the system disk first, then data disks by device', async () => {
  const instance = await launch({ 'SystemDisk.Encrypted': 'true', 'DataDisk.1.Size': '20', 'DataDisk.2.Size': '30' })
  const disks = await disksOf(instance)
  expect(disks.map((disk: { Type: string; Device: string }) => [disk.Type, disk.Device])).toEqual([
    ['system', '/dev/xvda'],
    ['data', '/dev/xvdb'],
    ['data', '/dev/xvdc'],
  ])
})

test('without a key named the account’s own for disks is used, and shown', async () => {
  const instance = await launch({ 'SystemDisk.Encrypted': 'true' })
  const [disk] = await disksOf(instance)
  const { KeyMetadata } = await ok('Kms', 'DescribeKey', { KeyId: 'alias/acs/ecs' })
  expect(disk.KMSKeyId).toBe(KeyMetadata.KeyId)
  expect(KeyMetadata.Creator).toBe('ecs')
  const { status, body } = await cloud.call('Kms', 'DisableKey', { KeyId: KeyMetadata.KeyId })
  expect(`${status} ${body.Code}`).toBe('400 UnsupportedOperation')
})

test('keys that cannot encrypt disks are refused before anything is made', async () => {
  const before = (await ok('Ecs', 'DescribeInstances')).TotalCount
  const attempt = (key: string) =>
    refusal('RunInstances', { ...small, 'SystemDisk.Encrypted': 'true', 'SystemDisk.KMSKeyId': key })
  expect(await attempt('00000000-0000-4000-8000-000000000000')).toBe('404 InvalidParameter.KMSKeyId.CMKNotFound')
  const other = await cloud.newAccount()
  const { body } = await other.call('Kms', 'CreateKey')
  expect(await attempt(body.KeyMetadata.KeyId)).toBe('404 InvalidParameter.KMSKeyId.CMKNotFound')
  const signing = (await ok('Kms', 'CreateKey', { KeySpec: 'EC_P256' })).KeyMetadata.KeyId
  expect(await attempt(signing)).toBe('400 InvalidParameter.KMSKeyId.CMKNotSupported')
  expect((await ok('Ecs', 'DescribeInstances')).TotalCount).toBe(before)
})

test('whoever names a key for a disk must be allowed to use it, by a policy of its own or of the key', async () => {
  const own = (await ok('Kms', 'CreateKey')).KeyMetadata.KeyId
  await ok('Ram', 'CreateUser', { UserName: 'launcher' })
  const given = { PolicyType: 'System', PolicyName: 'AliyunECSFullAccess', UserName: 'launcher' }
  await ok('Ram', 'AttachPolicyToUser', given)
  const { AccessKey } = await ok('Ram', 'CreateAccessKey', { UserName: 'launcher' })
  const user = cloud.as({ accessKeyId: AccessKey.AccessKeyId, accessKeySecret: AccessKey.AccessKeySecret })
  const encrypted = { ...small, 'SystemDisk.Encrypted': 'true', DryRun: 'true' }
  const attempt = (KMSKeyId: string) => refusal('RunInstances', { ...encrypted, 'SystemDisk.KMSKeyId': KMSKeyId }, user)
  const unauthorized = '403 InvalidParameter.KMSKeyId.KMSUnauthorized'
  expect(await refusal('RunInstances', encrypted, user)).toBe('400 DryRunOperation')
  expect(await attempt(own)).toBe(unauthorized)
  await ok('Kms', 'CreateAlias', { KeyId: own, AliasName: 'alias/disks' })
  expect(await attempt('alias/disks')).toBe(unauthorized)
  const data = { 'DataDisk.1.Size': '20', 'DataDisk.1.Encrypted': 'true', 'DataDisk.1.KMSKeyId': own, DryRun: 'true' }
  expect(await refusal('RunInstances', { ...small, ...data }, user)).toBe(unauthorized)
  const policyOf = (...Statement: object[]) => JSON.stringify({ Version: '1', Statement })
  const PolicyDocument = policyOf({
    Effect: 'Allow',
    Action: 'kms:GenerateDataKey',
    Resource: `acs:kms:*:*:key/${own}`,
  })
  await ok('Ram', 'CreatePolicy', { PolicyName: 'use-key', PolicyDocument })
  await ok('Ram', 'AttachPolicyToUser', { PolicyType: 'Custom', PolicyName: 'use-key', UserName: 'launcher' })
  expect(await attempt(own)).toBe('400 DryRunOperation')
  const root = { RAM: [`acs:ram::${cloud.accountId}:root`] }
  const named = { RAM: [`acs:ram::${cloud.accountId}:user/launcher`] }
  const Policy = policyOf(
    { Effect: 'Allow', Action: 'kms:*', Principal: root, Resource: '*' },
    { Effect: 'Deny', Action: 'kms:GenerateDataKey', Principal: named, Resource: '*' },
  )
  await ok('Kms', 'SetKeyPolicy', { KeyId: own, PolicyName: 'default', Policy })
  expect(await attempt(own)).toBe(unauthorized)
})

test('keys of disks are in no file of the cloud', async () => {
  const secrets = new Set<string>()
  const { db } = cloud.running.store
  const rows = await (db as never as import('kysely').Kysely<Record<string, Record<string, unknown>>>)
    .selectFrom('ecs.disks')
    .selectAll()
    .where('wrapped_key', 'is not', null)
    .execute()
  for (const row of rows as { id: string; account_id: string; region_id: string; wrapped_key: Buffer }[]) {
    const place = { accountId: row.account_id as never, regionId: row.region_id }
    const key = await cloud.running.services.kms.port.unwrapDataKey(place, row.wrapped_key, {
      'acs:ecs:disk-id': row.id,
    })
    secrets.add(key.toString('base64'))
  }
  expect(secrets.size).toBeGreaterThan(1)
  const { dataDir } = cloud.running.ready
  const files = readdirSync(dataDir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  expect(files.length).toBeGreaterThan(0)
  for (const entry of files) {
    const content = readFileSync(join(entry.parentPath, entry.name), 'latin1')
    for (const secret of secrets) expect(content.includes(secret), entry.name).toBe(false)
  }
})
