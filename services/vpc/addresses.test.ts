import { createTestDatabase, type TestDatabase } from '@pileus/testkit/test-database'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startVpcParts, testOwner, type VpcParts } from './vpc-parts.ts'

let database: TestDatabase
let parts: VpcParts
let securityGroupId: string

beforeAll(async () => {
  database = await createTestDatabase()
  parts = await startVpcParts(database.url)
  const { VpcId } = (await parts.call('CreateVpc', { CidrBlock: '10.0.0.0/8' })) as { VpcId: string }
  vpcId = VpcId
  securityGroupId = await parts.store.transaction((tx) =>
    parts.service.port.ensureDefaultSecurityGroup(tx, testOwner, vpcId),
  )
})
afterAll(async () => {
  await parts[Symbol.asyncDispose]()
  await database.drop()
})

let vpcId: string

async function newVSwitch(CidrBlock: string): Promise<string> {
  const made = await parts.call('CreateVSwitch', { VpcId: vpcId, ZoneId: 'cn-hangzhou-b', CidrBlock })
  return (made as { VSwitchId: string }).VSwitchId
}

function launch(vswitchId: string, instanceIds: readonly string[], primaryIp?: string) {
  const { port } = parts.service
  return parts.store.transaction(async (tx) => {
    const vswitch = await port.lockVSwitch(tx, testOwner, vswitchId)
    return await port.createInstanceNics(tx, testOwner, {
      vswitch,
      instances: instanceIds.map((instanceId) => ({ instanceId, hostname: instanceId })),
      securityGroupIds: [securityGroupId],
      primaryIp,
    })
  })
}

test('two hundred launches at once in one vswitch each get an address and a MAC of their own', async () => {
  const vswitchId = await newVSwitch('10.1.0.0/24')
  const launches = await Promise.all(Array.from({ length: 200 }, (_, n) => launch(vswitchId, [`i-many${n}`])))
  const nics = launches.flat()
  expect(new Set(nics.map((nic) => nic.primaryIp)).size).toBe(200)
  expect(new Set(nics.map((nic) => nic.mac)).size).toBe(200)
  const described = (await parts.call('DescribeVSwitchAttributes', { VSwitchId: vswitchId })) as object
  expect(described).toMatchObject({ AvailableIpAddressCount: 52 })
})

test('a vswitch gives every usable address, then says that it is full, and gives freed ones again', async () => {
  const vswitchId = await newVSwitch('10.2.0.0/29')
  const nics = await launch(vswitchId, ['i-a', 'i-b', 'i-c', 'i-d'])
  expect(nics.map((nic) => nic.primaryIp)).toEqual(['10.2.0.1', '10.2.0.2', '10.2.0.3', '10.2.0.4'])
  await expect(launch(vswitchId, ['i-e'])).rejects.toMatchObject({ code: 'InvalidVSwitchId.IpNotEnough' })
  await parts.store.transaction((tx) => parts.service.port.releaseInstanceNics(tx, ['i-b']))
  const [again] = await launch(vswitchId, ['i-e'])
  expect(again?.primaryIp).toBe('10.2.0.2')
})

test('an address that was asked for is given once, and only when the vswitch can give it', async () => {
  const vswitchId = await newVSwitch('10.3.0.0/24')
  const [nic] = await launch(vswitchId, ['i-f'], '10.3.0.77')
  expect(nic?.primaryIp).toBe('10.3.0.77')
  await expect(launch(vswitchId, ['i-g'], '10.3.0.77')).rejects.toMatchObject({ code: 'InvalidIPAddress.AlreadyUsed' })
  for (const ip of ['10.3.0.0', '10.3.0.253', '10.3.0.255', '10.4.0.1', 'nonsense']) {
    await expect(launch(vswitchId, ['i-h'], ip)).rejects.toMatchObject({ code: 'InvalidVSwitchId.IpInvalid' })
  }
})

test('fifty callers at once get the same default vswitch and security group', async () => {
  const owner = { ...testOwner, regionId: 'eu-central-1' }
  const found = await Promise.all(
    Array.from({ length: 50 }, () =>
      parts.store.transaction(async (tx) => {
        const vswitch = await parts.service.port.ensureDefaultVSwitch(tx, owner, undefined)
        return [vswitch.vswitchId, await parts.service.port.ensureDefaultSecurityGroup(tx, owner, vswitch.vpcId)].join()
      }),
    ),
  )
  expect(new Set(found).size).toBe(1)
})

test('a launch and the deletion of its vswitch never both succeed', async () => {
  const vswitchId = await newVSwitch('10.5.0.0/24')
  const [launched, deleted] = await Promise.allSettled([
    launch(vswitchId, ['i-k']),
    parts.call('DeleteVSwitch', { VSwitchId: vswitchId }),
  ])
  expect([launched.status, deleted.status].sort()).toEqual(['fulfilled', 'rejected'])
})

test('many launches and deletions of a vswitch at once end with an answer, never with a deadlock', async () => {
  const vswitchId = await newVSwitch('10.8.0.0/24')
  const results = await Promise.allSettled(
    Array.from({ length: 40 }, (_, n) =>
      n % 5 === 4 ? parts.call('DeleteVSwitch', { VSwitchId: vswitchId }) : launch(vswitchId, [`i-s${n}`]),
    ),
  )
  const codes = results.flatMap((result) => (result.status === 'rejected' ? [result.reason.code] : []))
  expect(['DependencyViolation', 'InvalidVSwitchId.NotFound']).toEqual(expect.arrayContaining([...new Set(codes)]))
  expect(codes.length).toBeGreaterThanOrEqual(8)
})

test('a pass tells the driver about every card, and cards are ready afterwards', async () => {
  const vswitchId = await newVSwitch('10.6.0.0/24')
  const [nic] = await launch(vswitchId, ['i-m'])
  expect(parts.service.port.isNicReady(nic?.nicId ?? '')).toBe(false)
  await parts.service.reconcilers[0]?.pass()
  expect(parts.service.port.isNicReady(nic?.nicId ?? '')).toBe(true)
  const place = parts.driver.applied.routers.flatMap((router) => router.switches).find((s) => s.id === vswitchId)
  expect(place).toMatchObject({
    cidr: '10.6.0.0/24',
    gatewayIp: '10.6.0.253',
    ports: [
      { id: nic?.nicId, mac: nic?.mac, ips: [nic?.primaryIp], hostname: 'i-m', securityGroupIds: [securityGroupId] },
    ],
  })
})

test('a pass that the driver fails changes nothing, and the next one makes up for it', async () => {
  const [nic] = await launch(await newVSwitch('10.7.0.0/24'), ['i-n'])
  parts.driver.failNext()
  await expect(parts.service.reconcilers[0]?.pass()).rejects.toThrow('told to fail')
  expect(parts.service.port.isNicReady(nic?.nicId ?? '')).toBe(false)
  await parts.service.reconcilers[0]?.pass()
  expect(parts.service.port.isNicReady(nic?.nicId ?? '')).toBe(true)
})
