import { createTestDatabase, type TestDatabase } from '@pileus/testkit/test-database'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { getCidr, overlap } from './domain/cidr.ts'
import { startVpcParts, testOwner, type VpcParts } from './vpc-parts.ts'

let database: TestDatabase
let parts: VpcParts

beforeAll(async () => {
  database = await createTestDatabase()
  parts = await startVpcParts(database.url)
})
afterAll(async () => {
  await parts[Symbol.asyncDispose]()
  await database.drop()
})

const zone = 'cn-hangzhou-b'

async function newVpc(accountId: string): Promise<{ VpcId: string; RouteTableId: string }> {
  return await parts.call('CreateVpc', { CidrBlock: '10.0.0.0/16' }, { accountId })
}

async function newGroup(accountId: string, vpcId: string): Promise<string> {
  const request = { vpcId, name: '', description: '', type: undefined, resourceGroupId: undefined, tags: [] }
  return await parts.store.transaction((tx) =>
    parts.service.port.securityGroups.create(tx, { ...testOwner, accountId: accountId as never }, request),
  )
}

/** Statuses of what ran at once, in the order given. */
async function outcomes(actions: readonly Promise<unknown>[]): Promise<string[]> {
  return (await Promise.allSettled(actions)).map(({ status }) => status)
}

test('a VPC is deleted, or gets a vswitch, a table or a group, never both', async () => {
  const groups = parts.service.port.securityGroups
  for (let round = 0; round < 4; round += 1) {
    const accountId = `2${round}`
    const { VpcId } = await newVpc(accountId)
    const [deleted, ...made] = await outcomes([
      parts.call('DeleteVpc', { VpcId }, { accountId }),
      parts.call('CreateVSwitch', { VpcId, ZoneId: zone, CidrBlock: '10.0.1.0/24' }, { accountId }),
      parts.call('CreateRouteTable', { VpcId }, { accountId }),
      newGroup(accountId, VpcId),
    ])
    expect(made).toEqual(Array(3).fill(deleted === 'fulfilled' ? 'rejected' : 'fulfilled'))
  }
  const { total } = await groups.list(
    parts.store.db,
    { ...testOwner, accountId: '20' as never },
    {},
    {
      kind: 'number',
      pageNumber: 1,
      pageSize: 10,
    },
  )
  expect(total).toBeLessThanOrEqual(1)
})

test('vswitches that are made at once never overlap, however they are asked for', async () => {
  const accountId = '30'
  const { VpcId } = await newVpc(accountId)
  const made = await Promise.allSettled([
    ...Array.from({ length: 6 }, () =>
      parts.call('CreateVSwitch', { VpcId, ZoneId: zone, CidrMask: 24 }, { accountId }),
    ),
    ...['10.0.0.0/24', '10.0.0.0/22', '10.0.2.0/23', '10.0.8.0/21'].map((CidrBlock) =>
      parts.call('CreateVSwitch', { VpcId, ZoneId: zone, CidrBlock }, { accountId }),
    ),
  ])
  const { VSwitches } = (await parts.call('DescribeVSwitches', { VpcId, PageSize: 50 }, { accountId })) as {
    VSwitches: { VSwitch: { CidrBlock: string }[] }
  }
  const blocks = VSwitches.VSwitch.map((vswitch) => vswitch.CidrBlock)
  expect(blocks).toHaveLength(made.filter(({ status }) => status === 'fulfilled').length)
  const clashes = blocks.filter((a) => blocks.some((b) => a !== b && overlap(getCidr(a), getCidr(b))))
  expect(clashes).toEqual([])
})

test('groups that name each other at once do not block each other, and a named group is not deleted', async () => {
  const accountId = '40'
  const owner = { ...testOwner, accountId: accountId as never }
  const { VpcId } = await newVpc(accountId)
  const [a, b] = [await newGroup(accountId, VpcId), await newGroup(accountId, VpcId)]
  const { securityGroups } = parts.service.port
  const name = (group: string, SourceGroupId: string, port: number) =>
    parts.store.transaction((tx) =>
      securityGroups.authorize(tx, owner, group, 'ingress', [
        { IpProtocol: 'tcp', PortRange: `${port}/${port}`, SourceGroupId },
      ]),
    )
  const made = await outcomes(Array.from({ length: 20 }, (_, n) => (n % 2 ? name(a, b, 1 + n) : name(b, a, 1 + n))))
  expect(new Set(made)).toEqual(new Set(['fulfilled']))
  const same = await outcomes(Array.from({ length: 10 }, () => name(a, b, 99)))
  expect(new Set(same)).toEqual(new Set(['fulfilled']))
  const { rules } = await securityGroups.listRules(parts.store.db, a, {}, { after: undefined, limit: 1_000 })
  expect(rules).toHaveLength(11)
  const c = await newGroup(accountId, VpcId)
  const [named, deleted] = await outcomes([
    name(a, c, 200),
    parts.store.transaction((tx) => securityGroups.delete(tx, owner, c)),
  ])
  expect([named, deleted].sort()).toEqual(['fulfilled', 'rejected'])
})

test('a route and a vswitch that it would cut into are not made together', async () => {
  const accountId = '50'
  const owner = { ...testOwner, accountId: accountId as never }
  const { VpcId, RouteTableId } = await newVpc(accountId)
  const VSwitch = await parts.call('CreateVSwitch', { VpcId, ZoneId: zone, CidrBlock: '10.0.1.0/24' }, { accountId })
  const group = await newGroup(accountId, VpcId)
  const nic = await parts.store.transaction((tx) =>
    parts.service.port.networkInterfaces.create(tx, owner, {
      vswitchId: (VSwitch as { VSwitchId: string }).VSwitchId,
      securityGroupIds: [group],
      primaryIp: undefined,
      secondaryIps: [],
      secondaryCount: 0,
      name: undefined,
      description: undefined,
      deleteOnRelease: true,
      sourceDestCheck: false,
      resourceGroupId: undefined,
      tags: [],
    }),
  )
  const route = {
    RouteTableId,
    NextHopType: 'NetworkInterface',
    NextHopId: nic.nicId,
    DestinationCidrBlock: '10.0.5.0/25',
  }
  const both = await outcomes([
    parts.call('CreateRouteEntry', route, { accountId }),
    parts.call('CreateVSwitch', { VpcId, ZoneId: zone, CidrBlock: '10.0.5.0/24' }, { accountId }),
  ])
  expect(both.sort()).toEqual(['fulfilled', 'rejected'])
  const again = { ...route, DestinationCidrBlock: '10.7.0.0/16' }
  const racing = await outcomes(Array.from({ length: 5 }, () => parts.call('CreateRouteEntry', again, { accountId })))
  expect(racing.filter((status) => status === 'fulfilled')).toHaveLength(1)
  const [deleted, routed] = await outcomes([
    parts.store.transaction((tx) => parts.service.port.networkInterfaces.delete(tx, owner, nic.nicId)),
    parts.call('CreateRouteEntry', { ...route, DestinationCidrBlock: '10.8.0.0/16' }, { accountId }),
  ])
  expect([deleted, routed]).toEqual(['rejected', 'fulfilled'])
})
