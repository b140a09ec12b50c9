/** RAM roles of instances: who may attach them, and the credentials that guests find. */
import { ManualClock, systemClock } from '@pileus/kernel/clock'
import type { MachineRole } from '@pileus/kernel/fabric/machines'
import { startTestCloud, type TestAccount, type TestCloud } from '@pileus/testkit/test-cloud'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createRoleCredentials } from './agents/role-credentials.ts'

let cloud: TestCloud
let user: TestAccount
let instanceId: string

beforeAll(async () => {
  cloud = await startTestCloud()
  const trust = (principal: object) =>
    JSON.stringify({ Version: '1', Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: principal }] })
  const toMachines = trust({ Service: ['ecs.aliyuncs.com'] })
  await ok('Ram', 'CreateRole', { RoleName: 'machine', AssumeRolePolicyDocument: toMachines })
  await ok('Ram', 'CreateRole', { RoleName: 'second', AssumeRolePolicyDocument: toMachines })
  const toPeople = trust({ RAM: [`acs:ram::${cloud.accountId}:root`] })
  await ok('Ram', 'CreateRole', { RoleName: 'people', AssumeRolePolicyDocument: toPeople })
  const vpcs = { PolicyName: 'AliyunVPCReadOnlyAccess', PolicyType: 'System' }
  await ok('Ram', 'AttachPolicyToRole', { RoleName: 'machine', ...vpcs })
  await ok('Ram', 'CreateUser', { UserName: 'u' })
  const { AccessKey } = await ok('Ram', 'CreateAccessKey', { UserName: 'u' })
  user = cloud.as({ accessKeyId: AccessKey.AccessKeyId, accessKeySecret: AccessKey.AccessKeySecret })
  const PolicyDocument = JSON.stringify({
    Version: '1',
    Statement: [
      { Effect: 'Allow', Action: 'ecs:*', Resource: '*' },
      { Effect: 'Allow', Action: 'ram:PassRole', Resource: 'acs:ram:*:*:role/second' },
      { Effect: 'Deny', Action: 'ecs:RunInstances', Resource: 'acs:ecs:*:*:image/debian*' },
    ],
  })
  await ok('Ram', 'CreatePolicy', { PolicyName: 'machines', PolicyDocument })
  await ok('Ram', 'AttachPolicyToUser', { UserName: 'u', PolicyName: 'machines', PolicyType: 'Custom' })
  const { InstanceIdSets } = await ok('Ecs', 'RunInstances', { ...launch, RamRoleName: 'machine' })
  instanceId = InstanceIdSets.InstanceIdSet[0]
})
afterAll(async () => cloud?.[Symbol.asyncDispose]())

const launch = { RegionId: 'cn-hangzhou', ImageId: 'micro', InstanceType: 'ecs.t5-lc2m1.nano' }

async function ok(product: string, action: string, parameters: Record<string, string>) {
  const { status, body } = await cloud.call(product, action, parameters)
  if (status !== 200) throw new Error(`${action}: ${status} ${body.Code}: ${body.Message}`)
  return body
}
const named = () => ({ RegionId: 'cn-hangzhou', InstanceIds: JSON.stringify([instanceId]) })
const codeOf = async (account: TestAccount, action: string, parameters: Record<string, string>) => {
  const { body } = await account.call('Ecs', action, parameters)
  return body.Code as string | undefined
}

/** What the host of the instance is told of its role. */
async function toldRole(): Promise<MachineRole | undefined> {
  const [pool] = (await cloud.running.store.pool.query('select id from ecs.host_pools')).rows
  const request = { agentId: pool.id, engine: 'simulated', accelerator: 'none', images: [], observed: [], consoles: [] }
  const capacity = { vcpus: 64, memoryMiB: 65_536, diskGiB: 1_000 }
  const answer = await cloud.running.services.ecs.agents.handleSync({
    ...(request as unknown as Parameters<typeof cloud.running.services.ecs.agents.handleSync>[0]),
    capacity,
    haveRevision: '',
    waitMs: 0,
  })
  return answer.machines.find((machine) => machine.id === instanceId)?.metadata.ramRole
}

test('a guest finds credentials of its role, which work', async () => {
  const role = await cloud.eventually('the host is told', toldRole)
  expect(role.name).toBe('machine')
  const guest = cloud.as(role)
  const { body } = await guest.call('Sts', 'GetCallerIdentity')
  expect(body.Arn).toBe(`acs:ram::${cloud.accountId}:assumed-role/machine/${instanceId}`)
  expect((await guest.call('Vpc', 'DescribeVpcs', { RegionId: 'cn-hangzhou' })).status).toBe(200)
  expect((await guest.call('Ecs', 'DescribeInstances', { RegionId: 'cn-hangzhou' })).status).toBe(403)
})

test('roles are attached, described and detached', async () => {
  const { InstanceRamRoleSets } = await ok('Ecs', 'DescribeInstanceRamRole', named())
  expect(InstanceRamRoleSets.InstanceRamRoleSet).toEqual([{ InstanceId: instanceId, RamRoleName: 'machine' }])
  const second = { ...named(), RamRoleName: 'second' }
  expect(await codeOf(cloud, 'AttachInstanceRamRole', second)).toBe('InvalidOperation.InstanceRamRoleAttached')
  const detached = await ok('Ecs', 'DetachInstanceRamRole', { ...named(), RamRoleName: 'machine' })
  expect(detached.DetachInstanceRamRoleResults.DetachInstanceRamRoleResult).toMatchObject([
    {
      InstanceId: instanceId,
      Success: true,
      InstanceRamRoleSets: { InstanceRamRoleSet: [{ RamRoleName: 'machine' }] },
    },
  ])
  await cloud.eventually('the host is told', async () => (await toldRole()) === undefined)
  expect(await codeOf(cloud, 'AttachInstanceRamRole', { ...named(), RamRoleName: 'people' })).toBe(
    'InvalidRamRole.NotEcsRole',
  )
  expect(await codeOf(cloud, 'AttachInstanceRamRole', { ...named(), RamRoleName: 'none' })).toBe(
    'InvalidRamRole.NotFound',
  )
  await ok('Ecs', 'AttachInstanceRamRole', { ...named(), RamRoleName: 'machine' })
  const byRole = await ok('Ecs', 'DescribeInstanceRamRole', { RegionId: 'cn-hangzhou', RamRoleName: 'machine' })
  expect(byRole.InstanceRamRoleSets.InstanceRamRoleSet).toMatchObject([{ InstanceId: instanceId }])
})

test('who gives a role away needs ram:PassRole for it', async () => {
  expect(await codeOf(user, 'AttachInstanceRamRole', { ...named(), RamRoleName: 'machine' })).toBe('Forbidden.RAM')
  expect(await codeOf(user, 'AttachInstanceRamRole', { ...named(), RamRoleName: 'second' })).toBe(
    'InvalidOperation.InstanceRamRoleAttached',
  )
  expect(await codeOf(user, 'RunInstances', { ...launch, RamRoleName: 'machine' })).toBe('Forbidden.RAM')
  expect(await codeOf(user, 'RunInstances', { ...launch, DryRun: 'true' })).toBe('DryRunOperation')
})

test('a launch is about its image, networks and key pair too', async () => {
  const denied = await user.call('Ecs', 'RunInstances', { ...launch, ImageId: 'debian-12' })
  expect(denied.body.AccessDeniedDetail?.NoPermissionType).toBe('ExplicitDeny')
})

test('credentials are replaced when half of their time is over', async () => {
  const clock = new ManualClock(systemClock.now())
  const { store, services } = cloud.running
  const source = createRoleCredentials({ store, ram: services.ram.port, clock })
  const instance = { id: 'i-x', account_id: cloud.accountId, ram_role_name: 'machine' }
  const find = async () => (await source.findAll([instance])).get('i-x')
  const first = await find()
  clock.advance(29 * 60_000)
  expect(await find()).toEqual(first)
  clock.advance(2 * 60_000)
  const second = await find()
  expect(second?.accessKeyId).not.toBe(first?.accessKeyId)
  expect(Date.parse(second?.expiration ?? '') - clock.now().getTime()).toBeGreaterThan(59 * 60_000)
  expect(await source.findAll([{ ...instance, ram_role_name: 'people' }])).toEqual(new Map())
})
